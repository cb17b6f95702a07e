import { createVllm, type VllmLanguageModelOptions, type VllmProviderSettings } from "@vllm/ai-sdk-provider";
import { generateText, jsonSchema, Output, tool, type ModelMessage } from "ai";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { streamed } from "./support/answers.ts";
import { play } from "./support/play-server.ts";

type Asked = Pick<Awaited<ReturnType<typeof generateText>>, "warnings"> & {
  body: Record<string, unknown>;
  headers: Record<string, unknown>;
};

beforeAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

/** What the server is sent for a call of the AI SDK. */
async function ask(options: object, settings: VllmProviderSettings = {}): Promise<Asked> {
  const { baseUrl, requests } = await play(streamed({ text: "{}" }));
  const vllm = createVllm({ baseURL: baseUrl, ...settings });
  const { warnings } = await generateText({ maxRetries: 0, ...options, model: vllm("m") } as never);
  const [first] = requests;
  return { body: first?.body ?? {}, headers: first?.headers ?? {}, warnings };
}

async function messagesOf(messages: ModelMessage[]): Promise<unknown> {
  return (await ask({ messages })).body["messages"];
}

describe("settings", () => {
  test("have vLLM's names, and no others are sent", async () => {
    const { body, warnings } = await ask({
      prompt: "Hi",
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      topK: 20,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ["END"],
      seed: 7,
    });
    expect(warnings).toEqual([]);
    expect(body).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 20,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop: ["END"],
      seed: 7,
    });
  });

  test("no sampling is sent that nobody asked for", async () => {
    const { body } = await ask({ prompt: "Hi" });
    expect(Object.keys(body).toSorted()).toEqual(["messages", "model", "stream", "stream_options"]);
  });

  test("providerOptions.vllm goes into the body, but what the AI SDK sets wins", async () => {
    const vllm = {
      min_p: 0.1,
      top_k: 3,
      chat_template_kwargs: { enable_thinking: false },
      structured_outputs: { choice: ["a", "b"] },
      extra_body: { of_my_own: 1 },
    } satisfies VllmLanguageModelOptions;
    const { body, warnings } = await ask({ prompt: "Hi", topK: 9, providerOptions: { vllm } });
    expect(warnings).toEqual([]);
    expect(body).toMatchObject({
      min_p: 0.1,
      top_k: 9,
      chat_template_kwargs: { enable_thinking: false },
      structured_outputs: { choice: ["a", "b"] },
      of_my_own: 1,
    });
  });

  test("an unknown option is sent with a warning that names the one that was meant", async () => {
    const { body, warnings } = await ask({
      prompt: "Hi",
      providerOptions: { vllm: { chat_template_kwarg: {}, temperature: 1, messages: [] } },
    });
    expect(body).toHaveProperty("chat_template_kwarg");
    expect(body).not.toHaveProperty("temperature");
    expect(body["messages"]).toHaveLength(1);
    expect(JSON.stringify(warnings)).toContain("Did you mean chat_template_kwargs?");
    expect(warnings).toMatchObject([
      { type: "other" },
      { type: "unsupported", feature: "providerOptions.vllm.temperature" },
      { type: "unsupported", feature: "providerOptions.vllm.messages" },
    ]);
  });

  test("headers of the provider and of the call", async () => {
    const { headers } = await ask(
      { prompt: "Hi", headers: { "X-Call": "2", "x-gone": undefined } },
      {
        headers: { "x-all": "1" },
        apiKey: "sk-1",
      },
    );
    expect(headers).toMatchObject({ "x-all": "1", "x-call": "2", authorization: "Bearer sk-1" });
    expect(headers).not.toHaveProperty("x-gone");
  });

  test("request.body is what was sent", async () => {
    const { baseUrl, requests } = await play(streamed({ text: "Hi" }));
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }];
    const { request } = await createVllm({ baseURL: baseUrl })("m").doGenerate({ prompt });
    expect(request).toEqual({ url: `${baseUrl}/chat/completions`, body: requests[0]?.body });
  });
});

describe("reasoning", () => {
  const thinking = (control: object) => ({
    profile: { thinking: { value: control, source: "user", evidence: "" } } as never,
  });
  const QWEN = thinking({
    default: "on",
    on: { chat_template_kwargs: { enable_thinking: true } },
    off: { chat_template_kwargs: { enable_thinking: false } },
  });

  test("is switched in the way of the model's family, by the profile", async () => {
    const off = await ask({ prompt: "Hi", reasoning: "none" }, QWEN);
    expect(off.body).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
    const effort = await ask(
      { prompt: "Hi", reasoning: "high" },
      thinking({ default: "on", efforts: { high: { reasoning_effort: "high" } } }),
    );
    expect(effort.body).toMatchObject({ reasoning_effort: "high" });
    const plain = await ask({ prompt: "Hi", reasoning: "provider-default" }, QWEN);
    expect(plain.body).not.toHaveProperty("chat_template_kwargs");
  });

  test("the profile is found once for each model", async () => {
    const asked: unknown[] = [];
    const { baseUrl, requests } = await play(streamed({ text: "Hi" }));
    const profile = (model: string) => {
      asked.push(model);
      return Promise.resolve(QWEN.profile);
    };
    const vllm = createVllm({ baseURL: baseUrl, profile });
    for (const model of [vllm("m"), vllm("m"), vllm("other")])
      await generateText({ model, prompt: "Hi", reasoning: "none" });
    expect(asked).toEqual(["m", "other"]);
    expect(requests.map(({ body }) => body["chat_template_kwargs"])).toEqual(
      Array.from({ length: 3 }, () => ({ enable_thinking: false })),
    );
  });

  test("providerOptions.vllm.thinking says more than the AI SDK's word", async () => {
    const { body } = await ask({
      prompt: "Hi",
      reasoning: "high",
      providerOptions: { vllm: { thinking: { budgetTokens: 64 } } },
    });
    expect(body).toMatchObject({ thinking_token_budget: 64 });
    expect(body).not.toHaveProperty("reasoning_effort");
  });

  test("what cannot be switched is a warning", async () => {
    const { warnings } = await ask({ prompt: "Hi", reasoning: "none" });
    expect(warnings).toMatchObject([{ type: "other", message: expect.stringContaining("parameter-has-no-effect") }]);
  });
});

describe("messages", () => {
  test("reasoning and calls go back in vLLM's fields", async () => {
    expect(
      await messagesOf([
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "I look it up." },
            { type: "text", text: "One moment." },
            { type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Paris" } },
          ],
        },
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: "c1", toolName: "weather", output: { type: "json", value: { c: 20 } } },
          ],
        },
      ]),
    ).toEqual([
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: "One moment.",
        reasoning: "I look it up.",
        tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: '{"c":20}' },
    ]);
  });

  const PNG = new Uint8Array([137, 80, 78, 71]);
  test.each<[string, object, object]>([
    [
      "a picture as bytes",
      { type: "file", mediaType: "image/png", data: PNG },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw==" } },
    ],
    [
      "a picture by address, which vLLM fetches",
      {
        type: "file",
        mediaType: "image/jpeg",
        data: new URL("http://pictures.test/cat.jpg"),
        providerOptions: { vllm: { uuid: "cat", detail: "low" } },
      },
      { type: "image_url", image_url: { url: "http://pictures.test/cat.jpg", detail: "low" }, uuid: "cat" },
    ],
    [
      "sound",
      { type: "file", mediaType: "audio/wav", data: "UklGRg==" },
      { type: "audio_url", audio_url: { url: "data:audio/wav;base64,UklGRg==" } },
    ],
    [
      "video",
      { type: "file", mediaType: "video/mp4", data: new URL("https://films.test/a.mp4") },
      { type: "video_url", video_url: { url: "https://films.test/a.mp4" } },
    ],
    [
      "a text",
      { type: "file", mediaType: "text/markdown", data: new TextEncoder().encode("# Grüße") },
      { type: "text", text: "# Grüße" },
    ],
    ["JSON", { type: "file", mediaType: "application/json", data: "eyJhIjoxfQ==" }, { type: "text", text: '{"a":1}' }],
  ])("%s", async (_, part, sent) => {
    const [message] = (await messagesOf([
      { role: "user", content: [{ type: "text", text: "What is this?" }, part] },
    ] as ModelMessage[])) as [{ content: unknown }];
    expect(message.content).toEqual([{ type: "text", text: "What is this?" }, sent]);
  });

  test("a file that vLLM does not take is refused before it is sent", async () => {
    const content = [{ type: "file", mediaType: "application/pdf", data: "JVBERi0=" }];
    await expect(messagesOf([{ role: "user", content }] as ModelMessage[])).rejects.toThrow(
      "vLLM takes no files of type application/pdf.",
    );
  });

  test("a large picture does not overflow the stack", async () => {
    const content = [{ type: "file", mediaType: "image/png", data: new Uint8Array(1_000_000) }];
    const sent = JSON.stringify(await messagesOf([{ role: "user", content }] as ModelMessage[]));
    expect(sent.length).toBeGreaterThan(1_333_000);
  });

  test.each<[string, object, unknown]>([
    ["text", { type: "text", value: "sunny" }, "sunny"],
    ["an error", { type: "error-text", value: "no such city" }, "no such city"],
    ["an error as JSON", { type: "error-json", value: { code: 1 } }, '{"code":1}'],
    ["a denial", { type: "execution-denied", reason: "not now" }, "not now"],
    ["a denial without a reason", { type: "execution-denied" }, "The user did not allow this call to run."],
    [
      "texts",
      {
        type: "content",
        value: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "a\nb",
    ],
    [
      "a picture",
      {
        type: "content",
        value: [
          { type: "text", text: "a" },
          { type: "file", mediaType: "image/png", data: { type: "data", data: "iVBORw==" } },
        ],
      },
      [
        { type: "text", text: "a" },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw==" } },
      ],
    ],
    [
      "a document, of which the model is told that it was left out",
      {
        type: "content",
        value: [{ type: "file", mediaType: "application/pdf", data: { type: "data", data: "JVBERi0=" } }],
      },
      "[The tool also returned a file of type application/pdf, which cannot be shown.]",
    ],
  ])("a tool's result: %s", async (_, output, content) => {
    const messages = [
      { role: "user", content: "Weather?" },
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "c1", toolName: "weather", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "weather", output }] },
    ] as ModelMessage[];
    expect(((await messagesOf(messages)) as object[])[2]).toEqual({ role: "tool", tool_call_id: "c1", content });
  });
});

describe("tools", () => {
  const weather = tool({ description: "Weather", inputSchema: z.object({ city: z.string() }), strict: true });
  const tools = { weather };

  test("are marked strict where the profile says that the server holds calls to it", async () => {
    const strictTools = { value: "yes" as const, source: "probed" as const, evidence: "" };
    const plain = { weather: tool({ inputSchema: z.object({ city: z.string() }) }) };
    const strictOf = async (options: object, settings: VllmProviderSettings = {}) =>
      ((await ask({ prompt: "Hi", tools: plain, ...options }, settings)).body["tools"] as { function: object }[])[0]
        ?.function;
    expect(await strictOf({}, { profile: { strictTools } })).toHaveProperty("strict", true);
    const providerOptions = { vllm: { strictTools: false } };
    expect(await strictOf({ providerOptions }, { profile: { strictTools } })).not.toHaveProperty("strict");
    expect(await strictOf({})).not.toHaveProperty("strict");
  });

  test("are sent as function tools", async () => {
    const { body } = await ask({ prompt: "Hi", tools });
    expect(body["tools"]).toMatchObject([
      {
        type: "function",
        function: {
          name: "weather",
          description: "Weather",
          strict: true,
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        },
      },
    ]);
    expect(body).not.toHaveProperty("tool_choice");
  });

  test.each([["none", "none"]] as const)("toolChoice %j", async (toolChoice, sent) => {
    expect((await ask({ prompt: "Hi", tools, toolChoice })).body["tool_choice"]).toEqual(sent);
  });

  test.each<[unknown, unknown]>([
    ["required", "required"],
    [
      { type: "tool", toolName: "weather" },
      { type: "function", function: { name: "weather" } },
    ],
  ])("toolChoice %j", async (toolChoice, sent) => {
    const { baseUrl, requests } = await play(streamed({ calls: [["weather", '{"city":"Paris"}']] }));
    const model = createVllm({ baseURL: baseUrl })("m");
    await generateText({ model, prompt: "Hi", tools, toolChoice } as never);
    expect(requests[0]?.body["tool_choice"]).toEqual(sent);
  });
});

describe("structured output", () => {
  const schema = { type: "object", properties: { city: { type: "string" } } } as const;

  test("is held to its schema by vLLM", async () => {
    const output = Output.object({ schema: jsonSchema(schema), name: "place", description: "A place" });
    const { body, warnings } = await ask({ prompt: "Hi", output });
    expect(warnings).toEqual([]);
    expect(body["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "place", description: "A place", schema: expect.objectContaining(schema) },
    });
  });

  test("without a schema is any JSON", async () => {
    const { body } = await ask({ prompt: "Hi", output: Output.json() });
    expect(body["response_format"]).toEqual({ type: "json_object" });
  });

  test("together with tools is asked for in words: the grammar would forbid the calls", async () => {
    const tools = { look: tool({ inputSchema: z.object({}) }) };
    const output = Output.object({ schema: jsonSchema(schema) });
    const { body, warnings } = await ask({ prompt: "Hi", instructions: "Be brief.", output, tools });
    expect(body).not.toHaveProperty("response_format");
    expect(body["tools"]).toHaveLength(1);
    const [system] = body["messages"] as [{ role: string; content: string }];
    expect(system.role).toBe("system");
    expect(system.content).toMatch(/^Be brief\.\n\n.*JSON Schema: \{.*"city"/s);
    expect(warnings).toMatchObject([{ type: "compatibility", feature: "structured output together with tools" }]);
  });
});
