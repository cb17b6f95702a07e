import { createVllmClient } from "@vllm/client";
import { VllmError } from "@vllm/schema";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { expect, test } from "vitest";
import type { ToolDefinition } from "../tools/to-tool-definition.ts";
import { createTokenCounter } from "./token-counter.ts";

const messages = [{ role: "user" as const, content: "What time is it?" }];
const tools: ToolDefinition[] = [];
const { signal } = new AbortController();

test("the server's own count", async () => {
  await using server = await startFakeVllm();
  const count = createTokenCounter(createVllmClient({ baseUrl: server.baseUrl, apiKey: "" }));
  expect(await count("lab/tiny", messages, tools, signal)).toBeGreaterThan(0);
  expect(server.requests.map(({ path }) => path)).toEqual(["/tokenize"]);
});

test("a server without the route is asked once", async () => {
  let asked = 0;
  const count = createTokenCounter({
    async countTokens() {
      asked += 1;
      throw new VllmError({ code: "WRONG_BASE_URL", message: "m", hint: "h" });
    },
  });
  expect(await count("m", messages, tools, signal)).toBeUndefined();
  expect(await count("m", messages, tools, signal)).toBeUndefined();
  expect(asked).toBe(1);
});

test("the person's stop is not taken for a missing route", async () => {
  await using server = await startFakeVllm();
  const count = createTokenCounter(createVllmClient({ baseUrl: server.baseUrl, apiKey: "" }));
  await expect(count("lab/tiny", messages, tools, AbortSignal.abort())).rejects.toMatchObject({ code: "ABORTED" });
});
