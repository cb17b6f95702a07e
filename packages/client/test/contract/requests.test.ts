import { createServer } from "node:http";
import { createVllmClient, VllmError } from "@vllm/client";
import { describeTargets, verifies } from "@vllm-tooling/contract";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { expect } from "vitest";
import { z } from "zod";
import { collect } from "../support/collect.ts";
import { clientOf, HELLO, HELLO_THOUGHT, lastBody, PARIS, paramsOf, play, QUESTION, WEATHER } from "./conversation.ts";

const CITY = z.object({ city: z.string(), temperature: z.number().int() });

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("client/peers-20", async () => {
    const served = await target.serve("0.32.0/lab/json-schema");
    const { messages } = paramsOf("0.32.0/lab/json-schema");
    const result = await clientOf(served).complete({ messages, outputSchema: CITY, temperature: 0 });
    expect(result.output).toEqual({ city: "Paris", temperature: 18 });
    expect(result.output.temperature.toFixed(1)).toBe("18.0");
    if (target.name === "real") return;
    expect(lastBody(served)["response_format"]).toMatchObject({
      type: "json_schema",
      json_schema: { schema: { type: "object", required: ["city", "temperature"] } },
    });
  });

  verifies("client/peers-20", "a value that the grammar cannot refuse", async () => {
    const served = await target.serve("0.32.0/lab/json-schema");
    const { messages } = paramsOf("0.32.0/lab/json-schema");
    const hot = CITY.refine((value) => value.temperature > 30, { path: ["temperature"], message: "too cold" });
    const { error } = await collect(clientOf(served).chat({ messages, outputSchema: hot, temperature: 0 }));
    expect(error).toMatchObject({ code: "OUTPUT_INVALID", message: expect.stringContaining("temperature: too cold") });
    expect(error?.partial).toMatchObject({ text: '{"city": "Paris", "temperature": 18}' });
  });

  verifies("client/wire-94", async () => {
    const served = await target.serve("0.32.0/lab/json-schema-cut");
    const { messages, max_tokens } = paramsOf("0.32.0/lab/json-schema-cut");
    const request = { messages, max_tokens, outputSchema: CITY, temperature: 0 };
    const { error } = await collect(clientOf(served).chat(request));
    expect(error).toMatchObject({ code: "OUTPUT_INVALID", message: expect.stringContaining("cut") });
    expect(error?.hint).toContain("max_tokens");
    expect(error?.partial).toMatchObject({ text: expect.stringMatching(/^\{"city"/) });
  });

  verifies("client/peers-25", async () => {
    const served = await target.serve("0.32.0/lab/hello-stream");
    const client = clientOf(served);
    const question = { messages: [{ role: "user" as const, content: "Hello" }] };
    const counted = await client.countTokens(question);
    const result = await client.complete({ ...question, temperature: 0, max_tokens: 600 });
    expect(await client.countTokens({ ...question, tools: [WEATHER] })).toBeGreaterThan(counted);
    const { count, maxModelLen } = await client.tokenize({ prompt: "Hello there!" });
    expect(maxModelLen).toBe(32_768);
    if (target.name === "real") {
      expect(counted).toBe(result.usage?.prompt_tokens);
      expect(count).toBe(3);
      return;
    }
    expect(served.requests.map(({ path }) => path)).toContain("/tokenize");
    // The stand-ins count letters.
    expect(count).toBe("Hello there!".length);
  });

  verifies("client/wire-14", async () => {
    const served = await target.serve("0.32.0/lab/request-id-header");
    const reply = clientOf(served).chat(
      { messages: [{ role: "user", content: "Hello" }], temperature: 0 },
      { requestId: "my-request-17" },
    );
    const result = await reply.result();
    if (target.name === "real") expect(result.id).toBe("chatcmpl-my-request-17");
    else expect(served.requests.at(-1)?.headers["x-request-id"]).toBe("my-request-17");
    expect(result.id).toMatch(/^chatcmpl-./);
  });

  verifies("client/peers-23", async () => {
    const served = await target.serve("hello");
    const client = clientOf(served);
    const given = {
      top_k: 5,
      min_p: 0.1,
      repetition_penalty: 1,
      stop_token_ids: [1],
      chat_template_kwargs: { enable_thinking: false },
      cache_salt: "team-a",
      priority: 0,
      structured_outputs: { choice: ["red", "green", "blue"] },
    };
    const messages = [{ role: "user" as const, content: "choose red, green or blue" }];
    // @ts-expect-error a misspelt field of vLLM's does not compile
    void ({ messages, top_kk: 5 } satisfies Parameters<typeof client.chat>[0]);
    const result = await client.complete({ messages, temperature: 0, ...given });
    if (target.name === "real") expect(result).toMatchObject({ text: "green", thinking: "" });
    else expect(lastBody(served)).toMatchObject(given);
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("client/peers-20", "not of a turn that calls tools", async () => {
    const { messages, tools } = paramsOf("0.32.0/lab/tool-one");
    const served = await target.serve("0.32.0/lab/tool-one");
    const outputSchema = z.object({ city: z.string() });
    // Both make real vLLM call; its script does not fit the grammar there, and random tokens follow.
    for (const choice of [{ strictTools: true }, { tool_choice: "required" }] as const) {
      const result = await clientOf(served).complete({ messages, tools, temperature: 0, outputSchema, ...choice });
      expect(result.toolCalls[0]?.name).toBe("get_weather");
      expect(result.output).toBeUndefined();
      expect(result.warnings).toEqual([]);
    }
  });

  verifies("client/peers-26a", "a warning that names the flag", async () => {
    const { result } = await play(target, "0.32.0/no-reasoning-parser/hello");
    expect(result?.text).toMatch(/^<think>/);
    expect(result?.warnings).toMatchObject([
      { code: "thinking-in-text", hint: expect.stringContaining("--reasoning-parser") },
    ]);
  });

  verifies("client/peers-26a", "thinking, when asked to recover", async () => {
    const client = { recover: { thinkTags: true } };
    const { result, events } = await play(target, "0.32.0/no-reasoning-parser/hello", { client });
    expect(result?.thinking.trim()).toBe(HELLO_THOUGHT.trim());
    expect(result?.text.trim()).toBe(HELLO.trim());
    expect(events.map((event) => event.type)).toContain("thinking_delta");
    expect(result?.message).toMatchObject({ reasoning: expect.stringContaining("The user greets me.") });
  });

  verifies.each(
    "client/peers-26b",
    ["0.32.0/no-tool-parser/leak-tool-call", "0.32.0/leak-qwen-xml/leak-one"],
    async (id) => {
      const warned = await play(target, id);
      expect(warned.result?.toolCalls).toEqual([]);
      expect(warned.result?.warnings).toContainEqual(
        expect.objectContaining({ code: "tool-call-in-text", hint: expect.stringContaining("--tool-call-parser") }),
      );
      const client = { recover: { toolCallText: true, thinkTags: true } };
      const { result } = await play(target, id, { client });
      expect(result?.toolCalls).toMatchObject([{ name: "get_weather", arguments: PARIS, recovered: true }]);
      expect(result?.text).not.toContain("tool_call");
    },
  );

  verifies("client/wire-81", async () => {
    const served = await target.serve("hello", { apiKey: "sk-right-4711" });
    const { error, result } = await collect(clientOf(served, { apiKey: "sk-right-4711" }).chat(QUESTION));
    expect(error).toBeUndefined();
    expect(result?.text).toBe(HELLO);
    const [request] = served.requests;
    expect(request?.headers["authorization"]).toBe("Bearer sk-right-4711");
    const { authorization: _, ...others } = request!.headers;
    expect(JSON.stringify([others, request?.path, request?.bodyText])).not.toContain("sk-right-4711");
  });
});

verifies("client/wire-81", "not to where a server redirects", async () => {
  const other = await startFakeVllm({ scenario: "hello" });
  const redirecting = createServer((_request, response) => {
    response.writeHead(307, { location: `${other.baseUrl}/chat/completions` }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = redirecting.address() as { port: number };
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const { error } = await collect(createVllmClient({ baseUrl, apiKey: "sk-right-4711", model: "m" }).chat(QUESTION));
    expect(VllmError.isInstance(error)).toBe(true);
    expect(other.requests).toEqual([]);
  } finally {
    redirecting.close();
    await other.close();
  }
});
