import { VllmError, type ChatParams, type VllmErrorCode } from "@vllm/client";
import { describeTargets, verifies, type Target } from "@vllm-tooling/contract";
import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { expect } from "vitest";
import { collect } from "../support/collect.ts";
import { ask, clientOf, HELLO, lastBody, PARIS, play, QUESTION, shownOf, WEATHER } from "./conversation.ts";

const MESSAGES: ChatParams["messages"] = [{ role: "user", content: "Hello" }];
const PICTURE: ChatParams["messages"] = [
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      {
        type: "image_url",
        image_url: {
          url: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
        },
      },
    ],
  },
];

/** The error that ends a request to a server that decides by itself. */
async function refused(target: Target, params: Partial<ChatParams>, config?: string): Promise<VllmError | undefined> {
  const served = await target.serve("demo", { config });
  const { error } = await collect(clientOf(served).chat({ messages: MESSAGES, max_tokens: 20, ...params }));
  return error;
}

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("client/peers-11", async () => {
    const error = await refused(target, { model: "lab/tinny" });
    expect(error).toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(/"lab\/tinny".*lab\/tiny/),
      hint: expect.stringContaining('"lab/tiny"'),
      availableModels: ["lab/tiny"],
      suggestion: "lab/tiny",
      status: 404,
    });
  });

  verifies("client/peers-13", async () => {
    const served = await target.serve("demo");
    const content = "many words ".repeat(20_000);
    const { error } = await collect(clientOf(served).chat({ messages: [{ role: "user", content }] }));
    expect(error).toMatchObject({ code: "CONTEXT_LENGTH_EXCEEDED", maxModelLen: 32_768 });
    expect(error?.promptTokens).toBeGreaterThan(32_768);
    expect(error?.promptTokensAtLeast).toBeUndefined();
    expect(error?.message).toContain(String(error?.promptTokens));
    expect(shownOf(error)).not.toContain("many words");
  });

  verifies("client/peers-21", async () => {
    const error = await refused(target, { messages: PICTURE });
    expect(error).toMatchObject({ code: "INPUT_TYPE_NOT_SUPPORTED", status: 400 });
    expect(shownOf(error)).not.toContain("iVBOR");
  });

  verifies("client/wire-59", async () => {
    const served = await target.serve("demo");
    for (const params of [{ model: "gpt-4o" }, { temperature: -1 }, { messages: PICTURE }]) {
      const request = { messages: MESSAGES, max_tokens: 20, ...params };
      const { error: streamed } = await collect(clientOf(served).chat(request));
      const { error: whole } = await collect(clientOf(served).chat({ ...request, stream: false }));
      expect(streamed?.toJSON()).toEqual(whole?.toJSON());
      expect(streamed?.code).toMatch(/^(MODEL_NOT_FOUND|INVALID_REQUEST|INPUT_TYPE_NOT_SUPPORTED)$/);
    }
  });

  verifies("client/wire-62", "above the window", async () => {
    const served = await target.serve("hello");
    const { events, result } = await collect(
      clientOf(served).chat({ messages: MESSAGES, max_tokens: 100_000, temperature: 0 }),
    );
    expect(result?.text).toBe(HELLO);
    const [warning] = result?.warnings ?? [];
    expect(warning).toMatchObject({ code: "max-tokens-lowered", message: expect.stringContaining("100000") });
    expect(events).toContainEqual({ type: "warning", warning });
    if (target.name !== "real") expect(Number(lastBody(served)["max_tokens"])).toBeLessThan(32_768);
    const strict = await collect(
      clientOf(served, { fitMaxTokens: false }).chat({ messages: MESSAGES, max_tokens: 100_000 }),
    );
    expect(strict.error).toMatchObject({ code: "CONTEXT_LENGTH_EXCEEDED", requestedTokens: 100_000 });
  });

  verifies("client/wire-64", async () => {
    const served = await target.serve("hello");
    const result = await clientOf(served).complete({ messages: MESSAGES, tools: [], tool_choice: "auto" });
    expect(result.text).toBe(HELLO);
    if (target.name !== "real") expect(lastBody(served)).not.toHaveProperty("tools");
  });

  verifies("client/wire-66", async () => {
    const served = await target.serve("hello");
    const client = clientOf(served);
    const whole = await client.complete({ messages: MESSAGES, stream: false, stream_options: { include_usage: true } });
    expect(whole).toMatchObject({ text: HELLO, usage: { prompt_tokens: expect.any(Number) } });
    if (target.name !== "real") expect(lastBody(served)).not.toHaveProperty("stream_options");
  });

  verifies("client/wire-69", async () => {
    const system = { role: "system" as const, content: "Be brief, planted-4711." };
    const error = await refused(target, { messages: [...MESSAGES, system, ...MESSAGES] });
    expect(error).toMatchObject({
      code: "CHAT_TEMPLATE_REJECTED",
      message: expect.stringContaining("System message must be at the beginning."),
      hint: expect.stringContaining('history: { systemMessages: "merge"'),
    });
    expect(shownOf(error)).not.toContain("planted-4711");
  });

  verifies("client/wire-58", "a grammar that cannot be built", async () => {
    const { error } = await ask(target, "0.32.0/lab/response-format-bad-schema-stream");
    expect(error?.code).toBe("INVALID_REQUEST");
    expect(error?.message).toMatch(/banana/);
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("client/peers-11", "the ids are asked for where the server does not tell them", async () => {
    const { error } = await play(target, "0.24.0/small/unknown-model-stream", { params: { model: "lab/tin" } });
    expect(error).toMatchObject({ availableModels: ["lab/tiny"], suggestion: "lab/tiny" });
  });

  verifies("client/peers-12", async () => {
    const error = await refused(target, { tools: [WEATHER] }, "0.32.0/no-tool-parser");
    expect(error).toMatchObject({
      code: "TOOL_PARSER_NOT_ENABLED",
      hint: expect.stringMatching(/--enable-auto-tool-choice.*--tool-call-parser/),
      isRetryable: false,
    });
  });

  verifies(
    "client/peers-12",
    "asked again with the tools in the prompt, when calls in the text are wanted",
    async () => {
      const id = "0.32.0/no-tool-parser/leak-tool-call";
      const list = await target.serve(["0.32.0/no-tool-parser/tools-auto-default", id]);
      const recover = { toolCallText: true, thinkTags: true };
      const { result, events } = await collect(clientOf(list, { recover }).chat({ ...QUESTION, tool_choice: "auto" }));
      expect(result?.toolCalls).toMatchObject([{ name: "get_weather", arguments: PARIS, recovered: true }]);
      expect(list.requests.map(({ body }) => (body as Record<string, unknown>)["tool_choice"])).toEqual([
        "auto",
        "none",
      ]);
      expect(lastBody(list)).toMatchObject({ skip_special_tokens: false, tools: [{}, {}] });
      const warning = { code: "tools-in-text", hint: expect.stringContaining("--tool-call-parser") };
      expect(result?.warnings).toMatchObject([warning]);
      expect(events[1]).toMatchObject({ type: "warning", warning });
    },
  );

  verifies("client/peers-12", "asked again once, and only where calls may be found", async () => {
    const id = "0.32.0/no-tool-parser/tools-auto-default";
    const sent = async (params: Partial<ChatParams>, recover?: { toolCallText?: boolean; thinkTags?: boolean }) => {
      const { error, served } = await play(target, id, { client: { recover }, params });
      expect(error?.code).toBe("TOOL_PARSER_NOT_ENABLED");
      return served.requests.length;
    };
    expect(await sent({}, { toolCallText: true })).toBe(2);
    expect(await sent({}, { thinkTags: true })).toBe(1);
    expect(await sent({})).toBe(1);
    expect(await sent({ tool_choice: "none" }, { toolCallText: true })).toBe(1);
    // A grammar that forbids every call makes looking for one useless.
    expect(await sent({ response_format: { type: "json_object" } }, { toolCallText: true })).toBe(1);
  });

  verifies("client/wire-65", async () => {
    for (const tool_choice of ["required", { type: "function", function: { name: "get_weather" } }] as const) {
      const error = await refused(target, { tools: [WEATHER], tool_choice }, "0.32.0/no-tool-parser");
      expect(error).toMatchObject({
        code: "TOOL_PARSER_NOT_ENABLED",
        hint: expect.stringContaining("--tool-call-parser"),
      });
    }
  });

  verifies("client/peers-15", async () => {
    const served = await target.serve("hello", { apiKey: "sk-right" });
    const wrong = await collect(clientOf(served, { apiKey: "sk-wrong-4711" }).chat(QUESTION));
    expect(wrong.error).toMatchObject({
      code: "AUTHENTICATION_FAILED",
      status: 401,
      hint: expect.stringMatching(/VLLM_API_KEY|apiKey/),
      isRetryable: false,
    });
    expect(shownOf(wrong.error)).not.toContain("sk-wrong-4711");
    const missing = await collect(clientOf(served).chat(QUESTION));
    expect(missing.error?.code).toBe("AUTHENTICATION_FAILED");
    expect(missing.error?.message).not.toBe(wrong.error?.message);
    expect((await clientOf(served, { apiKey: "sk-right" }).complete(QUESTION)).text).toBe(HELLO);
  });

  verifies("client/wire-28", async () => {
    const { error } = await play(target, "0.32.0/no-tool-parser/thinking-budget", {
      params: { thinking_token_budget: 8 },
    });
    expect(error?.code).toBe("INVALID_REQUEST");
    expect(`${error?.message} ${error?.hint}`).toContain("--reasoning-parser");
  });

  const SHAPES: { name: string; code: VllmErrorCode }[] = [
    { name: "0.9.2/old/no-messages", code: "INVALID_REQUEST" },
    { name: "0.32.0/lab/no-messages", code: "INVALID_REQUEST" },
    { name: "malformed/bodies/error-flat", code: "MODEL_NOT_FOUND" },
    { name: "0.32.0/api-key/chat-wrong-key", code: "AUTHENTICATION_FAILED" },
    { name: "0.24.0/small/wrong-path", code: "WRONG_BASE_URL" },
    { name: "0.24.0/small/wrong-method-get-chat", code: "WRONG_BASE_URL" },
    { name: "malformed/bodies/empty-500", code: "SERVER_ERROR" },
    { name: "0.32.0/lab/wrong-content-type", code: "INVALID_REQUEST" },
  ];
  verifies.each("client/wire-56", SHAPES, async ({ name, code }) => {
    const { error } = await play(target, name, { client: { retry: { maxRetries: 0 } } });
    expect(error?.code).toBe(code);
    expect(`${error?.message} ${error?.hint}`).not.toMatch(/undefined|\[object/);
  });

  verifies.each("client/wire-58", ["0.10.2/small", "0.24.0/small"], async (folder) => {
    const { error, events } = await play(target, `${folder}/response-format-bad-schema-stream`);
    expect(error?.code).toBe("INVALID_REQUEST");
    expect(error?.message).toContain("banana");
    expect(events.map((event) => event.type)).not.toContain("done");
  });

  verifies.each("client/wire-60", ["0.10.2/small", "0.24.0/small", "0.32.0/lab"], async (folder) => {
    const { error } = await play(target, `${folder}/unknown-model`, { params: { model: "gpt-4o" } });
    expect(error).toMatchObject({ code: "MODEL_NOT_FOUND", message: expect.stringContaining("gpt-4o") });
  });

  const OVERFLOWS: { name: string; facts: object }[] = [
    { name: "0.10.2/small/prompt-too-long", facts: { promptTokens: 10_015 } },
    { name: "0.24.0/small/prompt-too-long", facts: { requestedTokens: 600 } },
    { name: "0.32.0/hermes-qwen3/prompt-too-long", facts: {} },
    { name: "0.32.0/hermes-qwen3/prompt-much-too-long", facts: {} },
  ];
  verifies.each("client/wire-61", OVERFLOWS, async ({ name, facts }) => {
    const { error } = await play(target, name, { client: { fitMaxTokens: false } });
    expect(error).toMatchObject({ code: "CONTEXT_LENGTH_EXCEEDED", maxModelLen: 4096, ...facts });
    // The size that counting stopped at, a number of characters: neither is the prompt's size.
    expect([3497, 4097, 1_020_050]).not.toContain(error?.promptTokens);
  });

  verifies("client/wire-62", "together with the prompt, as up to 0.31.0", async () => {
    const list = await target.serve(["0.24.0/small/overflow-sum", "hello"]);
    const fitted = await collect(clientOf(list).chat({ ...QUESTION, max_tokens: 4090 }));
    expect(fitted.result?.text).toBe(HELLO);
    expect(fitted.result?.warnings).toMatchObject([{ code: "max-tokens-lowered" }]);
    expect(Number(lastBody(list)["max_tokens"])).toBeLessThan(4090);
    const twice = await target.serve(["0.24.0/small/overflow-sum", "0.24.0/small/overflow-sum", "hello"]);
    const once = await collect(clientOf(twice).chat({ ...QUESTION, max_tokens: 4090 }));
    expect(once.error?.code).toBe("CONTEXT_LENGTH_EXCEEDED");
  });

  verifies.each("client/wire-68", ["0.10.2/small", "0.24.0/small", "0.32.0/lab"], async (folder) => {
    const { error } = await play(target, `${folder}/image-to-text-model`, { params: { messages: PICTURE } });
    expect(error).toMatchObject({ code: "INPUT_TYPE_NOT_SUPPORTED", isRetryable: false });
  });

  verifies.each(
    "client/wire-72",
    listFixtures({ path: "/v1/chat/completions" })
      .filter((entry) => /^(no-messages|content-null|stop-wrong-type)$/.test(entry.name))
      .map((entry) => entry.id),
    async (id) => {
      const { error } = await play(target, id);
      expect(error?.code).toBe("INVALID_REQUEST");
      const shown = shownOf(error);
      expect(new TextDecoder().decode(loadFixture(id).response.body)).toMatch(/input/);
      expect(shown).not.toMatch(/'input'|max_tokens': 600|site-packages|srv\/lib/);
    },
  );

  verifies.each("client/wire-90", ["image-http-unreachable", "image-file"], async (name) => {
    const { error, served } = await play(target, `0.32.0/vision/${name}`, { params: { messages: PICTURE } });
    expect(error?.isRetryable).toBe(false);
    expect(served.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });

  verifies("client/peers-22c", async () => {
    const served = await target.serve("hello");
    const root = served.baseUrl.replace(/\/v1$/, "");
    for (const baseUrl of [root, `${root}/`, `${root}/v1/chat/completions`, root.replace("http://", "")]) {
      expect((await clientOf(served, { baseUrl }).complete(QUESTION)).text).toBe(HELLO);
    }
    const wrong = await collect(clientOf(served, { baseUrl: `${root}/somewhere/v1` }).chat(QUESTION));
    expect(wrong.error).toMatchObject({ code: "WRONG_BASE_URL", status: 404 });
    expect(wrong.error?.message).toContain("/somewhere/v1");
  });
});
