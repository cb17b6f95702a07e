import { loadFixture } from "@vllm-tooling/fixtures";
import { expect, test } from "vitest";
import { startFakeVllm } from "./index.ts";

test("chunkDelayMs puts time between chunks", async () => {
  await using server = await startFakeVllm({ scenario: "malformed/tool-calls/interleaved", chunkDelayMs: 10 });
  const startedAt = performance.now();
  const body = JSON.stringify({ model: server.model, stream: true, messages: [{ role: "user", content: "Hello" }] });
  const headers = { "content-type": "application/json" };
  await (await fetch(`${server.baseUrl}/chat/completions`, { method: "POST", headers, body })).text();
  const chunks = loadFixture("malformed/tool-calls/interleaved").response.chunks.length;
  expect(performance.now() - startedAt).toBeGreaterThan((chunks - 1) * 9);
});
