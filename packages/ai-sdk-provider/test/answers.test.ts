import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { createVllm } from "@vllm/ai-sdk-provider";
import { generateText, isStepCount, streamText, tool } from "ai";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { refused, streamed, USAGE } from "./support/answers.ts";
import { play, type Played } from "./support/play-server.ts";

beforeAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const PROMPT = [{ role: "user" as const, content: [{ type: "text" as const, text: "The weather in Paris?" }] }];
const WEATHER = {
  type: "function" as const,
  name: "weather",
  inputSchema: { type: "object" as const, properties: { city: { type: "string" as const } } },
};
const PARIS = '{"city":"Paris"}';
const GOOD = streamed({ reasoning: "Hm.", text: "I look.", calls: [["weather", PARIS]] });
const TRUNCATED = streamed({
  reasoning: "Hm.",
  text: "I look.",
  calls: [["weather", '{"city":"Par']],
  finish: "length",
});
const AGAIN = streamed({ text: "Again.", calls: [["weather", PARIS]] });

const ENGINE_DIED = {
  error: {
    message: "EngineCore encountered an issue. See stack trace (above) for the root cause.",
    type: "InternalServerError",
    param: null,
    code: 500,
  },
};

async function startModel(...answers: readonly Played[]) {
  const server = await play(...answers);
  return { ...server, model: createVllm({ baseURL: server.baseUrl })("m") };
}

async function read(stream: ReadableStream<LanguageModelV4StreamPart>): Promise<LanguageModelV4StreamPart[]> {
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function partsOf(...answers: readonly Played[]): Promise<LanguageModelV4StreamPart[]> {
  const { model } = await startModel(...answers);
  const { stream } = await model.doStream({ prompt: PROMPT, tools: [WEATHER] });
  return read(stream);
}

const FINISH = {
  type: "finish",
  finishReason: { unified: "tool-calls", raw: "tool_calls" },
  usage: {
    inputTokens: { total: 10, noCache: 6, cacheRead: 4, cacheWrite: undefined },
    outputTokens: { total: 5, text: 3, reasoning: 2 },
    raw: USAGE,
  },
  providerMetadata: { vllm: {} },
};

describe("a stream", () => {
  test("has the parts of the specification, in order", async () => {
    expect(await partsOf(GOOD)).toEqual([
      { type: "stream-start", warnings: [] },
      { type: "response-metadata", id: "chatcmpl-1", modelId: "m" },
      { type: "reasoning-start", id: "0" },
      { type: "reasoning-delta", id: "0", delta: "Hm." },
      { type: "reasoning-end", id: "0" },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "I look." },
      { type: "text-end", id: "1" },
      { type: "tool-input-start", id: "call-0", toolName: "weather" },
      { type: "tool-input-delta", id: "call-0", delta: PARIS },
      { type: "tool-input-end", id: "call-0" },
      { type: "tool-call", toolCallId: "call-0", toolName: "weather", input: PARIS },
      { type: "response-metadata", timestamp: new Date(1_800_000_000_000) },
      FINISH,
    ]);
  });

  test("has the raw chunks in front of their parts, when they are asked for", async () => {
    const { model } = await startModel(GOOD);
    const { stream } = await model.doStream({ prompt: PROMPT, tools: [WEATHER], includeRawChunks: true });
    const parts = await read(stream);
    const raw = parts.filter((part) => part.type === "raw").map(({ rawValue }) => rawValue);
    expect(raw).toEqual(GOOD.body);
    expect(parts.map(({ type }) => type)).toEqual([
      "stream-start",
      "raw",
      "response-metadata",
      "raw",
      "reasoning-start",
      "reasoning-delta",
      "raw",
      "reasoning-end",
      "text-start",
      "text-delta",
      "raw",
      "text-end",
      "raw",
      "raw",
      "tool-input-start",
      "tool-input-delta",
      "tool-input-end",
      "tool-call",
      "response-metadata",
      "finish",
    ]);
  });

  test("gives the headers of the answer and the request", async () => {
    const { model, requests, baseUrl } = await startModel({ ...GOOD, headers: { "x-request-id": "r-1" } });
    const { request, response } = await model.doStream({ prompt: PROMPT });
    expect(response?.headers).toMatchObject({ "x-request-id": "r-1" });
    expect(request).toEqual({ url: `${baseUrl}/chat/completions`, body: requests[0]?.body });
  });

  test("a reader that is slower than the server gets larger deltas, and every character", async () => {
    const words = Array.from({ length: 5000 }, (_, index) => `w${index} `);
    const head = { id: "1", created: 1, model: "m" };
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason }],
    });
    const parts = await partsOf({ body: [...words.map((content) => chunk({ content })), chunk({}, "stop")] });
    const deltas = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : []));
    expect(deltas.join("")).toBe(words.join(""));
    expect(deltas.length).toBeLessThan(words.length / 2);
  });

  test("ids that are given twice, or were in the history, are made unique", async () => {
    const { model } = await startModel(
      streamed({
        calls: [
          ["weather", PARIS, "c"],
          ["weather", PARIS, "c"],
        ],
      }),
    );
    const call = { type: "tool-call" as const, toolCallId: "c", toolName: "weather", input: {} };
    const result = { ...call, type: "tool-result" as const, output: { type: "text" as const, value: "sunny" } };
    const prompt = [
      ...PROMPT,
      { role: "assistant" as const, content: [call] },
      { role: "tool" as const, content: [result] },
    ];
    const parts = await read((await model.doStream({ prompt, tools: [WEATHER] })).stream);
    expect(parts.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : []))).toEqual(["c-2", "c-3"]);
  });
});

describe("a generated answer", () => {
  test("has content, usage and metadata", async () => {
    const { model, baseUrl } = await startModel({ ...GOOD, headers: { "x-request-id": "r-1" } });
    expect(await model.doGenerate({ prompt: PROMPT, tools: [WEATHER] })).toMatchObject({
      content: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "I look." },
        { type: "tool-call", toolCallId: "call-0", toolName: "weather", input: PARIS },
      ],
      finishReason: FINISH.finishReason,
      usage: FINISH.usage,
      providerMetadata: { vllm: { requestId: "r-1" } },
      request: { url: `${baseUrl}/chat/completions` },
      response: { id: "chatcmpl-1", modelId: "m", timestamp: new Date(1_800_000_000_000) },
      warnings: [],
    });
  });

  test.each([
    ["stop", "stop"],
    ["eos", "stop"],
    ["length", "length"],
    ["content_filter", "content-filter"],
    ["repetition", "other"],
    ["made_up", "other"],
  ])("finish reason %s is %s", async (finish, unified) => {
    const { model } = await startModel(streamed({ text: "Hi", finish }));
    const { finishReason } = await model.doGenerate({ prompt: PROMPT });
    expect(finishReason).toEqual({ unified, raw: finish });
  });

  test("what the server did not count is undefined, not zero", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const { model } = await startModel(streamed({ text: "Hi", usage }));
    expect((await model.doGenerate({ prompt: PROMPT })).usage).toEqual({
      inputTokens: { total: 10, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 5, text: undefined, reasoning: undefined },
      raw: usage,
    });
  });

  test("why it is empty is in the metadata", async () => {
    const { model } = await startModel(streamed({ reasoning: "I could answer." }));
    const { providerMetadata } = await model.doGenerate({ prompt: PROMPT });
    expect(providerMetadata).toEqual({ vllm: { emptyTurn: "thought-only" } });
  });
});

describe("a broken call", () => {
  test("is asked for again; the second answer's text is a block of its own, and usage is of both", async () => {
    const parts = await partsOf(TRUNCATED, AGAIN);
    expect(parts.filter(({ type }) => /^(?:text|tool)/.test(type))).toEqual([
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "I look." },
      { type: "text-end", id: "1" },
      { type: "text-start", id: "3" },
      { type: "text-delta", id: "3", delta: "Again." },
      { type: "text-end", id: "3" },
      { type: "tool-input-start", id: "call-0", toolName: "weather" },
      { type: "tool-input-delta", id: "call-0", delta: PARIS },
      { type: "tool-input-end", id: "call-0" },
      { type: "tool-call", toolCallId: "call-0", toolName: "weather", input: PARIS },
    ]);
    expect(parts.at(-1)).toMatchObject({
      usage: { inputTokens: { total: 20, cacheRead: 8 }, outputTokens: { total: 10, reasoning: 4 } },
      providerMetadata: {
        vllm: { warnings: expect.arrayContaining([expect.objectContaining({ code: "BROKEN_CALL_RETRIED" })]) },
      },
    });
  });

  test("generateText gets the second answer alone, with a warning", async () => {
    const { model } = await startModel(TRUNCATED, AGAIN);
    const { content, warnings, usage } = await model.doGenerate({ prompt: PROMPT, tools: [WEATHER] });
    expect(content).toMatchObject([
      { type: "text", text: "Again." },
      { type: "tool-call", input: PARIS },
    ]);
    expect(warnings).toContainEqual({ type: "other", message: expect.stringContaining("BROKEN_CALL_RETRIED") });
    expect(usage.inputTokens.total).toBe(20);
  });

  test("twice is an error; no tool runs and no third request is sent", async () => {
    const { model, requests } = await startModel(TRUNCATED);
    const ran: unknown[] = [];
    const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: (input) => void ran.push(input) });
    const errors: unknown[] = [];
    const onError = ({ error }: { error: unknown }) => void errors.push(error);
    const options = { model, prompt: "Weather?", tools: { weather }, stopWhen: isStepCount(5), onError };
    const result = streamText(options as never);
    for await (const part of result.stream) expect(part.type).not.toMatch(/^tool/);
    expect(ran).toEqual([]);
    expect(requests).toHaveLength(2);
    expect(errors).toMatchObject([
      {
        name: "AI_APICallError",
        message: expect.stringContaining("Raise the output limit (max_tokens)"),
        data: { code: "STREAM_MALFORMED", reason: "broken-call" },
      },
    ]);
  });
});

describe("an error", () => {
  test("before the answer is thrown, with what to do, and what it was made of", async () => {
    const { model, baseUrl } = await startModel(
      refused(404, "The model `m` does not exist. Valid aliases: tiny.", { "x-request-id": "r-9" }),
    );
    const error: unknown = await model.doStream({ prompt: PROMPT }).then(undefined, (reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "AI_APICallError",
      message: expect.stringMatching(/serves no model m|does not serve|tiny/),
      url: `${baseUrl}/chat/completions`,
      statusCode: 404,
      isRetryable: false,
      responseHeaders: { "x-request-id": "r-9" },
      data: { code: "MODEL_NOT_FOUND", availableModels: ["tiny"] },
      cause: { code: "MODEL_NOT_FOUND" },
    });
    expect((error as { requestBodyValues: unknown }).requestBodyValues).toMatchObject({ model: "m" });
    expect(JSON.stringify(error)).not.toContain("Paris");
  });

  test("that may pass is sent again by the AI SDK alone, after the server's own delay", async () => {
    const { model, requests } = await startModel(
      refused(503, "busy", { "retry-after": "0" }),
      streamed({ text: "Hi" }),
    );
    const { text } = await generateText({ model, prompt: "Hi", maxRetries: 1 });
    expect([text, requests.length]).toEqual(["Hi", 2]);
    const alone = await startModel(refused(503, "busy", { "retry-after": "0" }));
    await expect(generateText({ model: alone.model, prompt: "Hi", maxRetries: 0 })).rejects.toThrow();
    expect(alone.requests).toHaveLength(1);
  });

  test("in the first chunk can be sent again, too", async () => {
    const { model } = await startModel({ body: [ENGINE_DIED] });
    await expect(model.doStream({ prompt: PROMPT })).rejects.toMatchObject({
      name: "AI_APICallError",
      isRetryable: true,
    });
  });

  test("in mid-answer is a part, after everything that came", async () => {
    const [head, text] = GOOD.body as object[];
    const parts = await partsOf({ body: [head, text, ENGINE_DIED] as object[] });
    expect(parts.map(({ type }) => type).slice(-2)).toEqual(["reasoning-delta", "error"]);
    expect(parts.at(-1)).toMatchObject({ error: { name: "AI_APICallError", data: { code: "ENGINE_FAILED" } } });
  });

  test("a request that cannot be made says so", async () => {
    const { model } = await startModel(GOOD);
    const providerOptions = { vllm: { thinking: "hard" } };
    await expect(model.doGenerate({ prompt: PROMPT, providerOptions })).rejects.toMatchObject({
      name: "AI_APICallError",
      isRetryable: false,
      data: { code: "INVALID_REQUEST" },
    });
  });
});

/** Never ends its answer; `whenLeft` is fulfilled when the client is gone. */
async function startEndless() {
  let onLeft = () => {};
  const whenLeft = new Promise<void>((resolve) => (onLeft = resolve));
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunk = { id: "1", model: "m", choices: [{ index: 0, delta: { content: "more " }, finish_reason: null }] };
    const timer = setInterval(() => response.write(`data: ${JSON.stringify(chunk)}\n\n`), 5);
    response.on("close", () => {
      clearInterval(timer);
      onLeft();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { model: createVllm({ baseURL })("m"), whenLeft };
}

describe("an abort stops the server", () => {
  test("in a stream, with the signal's own reason", async () => {
    const { model, whenLeft } = await startEndless();
    const abort = new AbortController();
    const { stream } = await model.doStream({ prompt: PROMPT, abortSignal: abort.signal });
    const reading = read(stream);
    abort.abort(new Error("mine"));
    await expect(reading).rejects.toThrow("mine");
    await whenLeft;
  });

  test("in a whole answer", async () => {
    const { model, whenLeft } = await startEndless();
    const abort = new AbortController();
    const answer = model.doGenerate({ prompt: PROMPT, abortSignal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    await whenLeft;
  });

  test("so does cancelling the stream", async () => {
    const { model, whenLeft } = await startEndless();
    const { stream } = await model.doStream({ prompt: PROMPT });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await whenLeft;
  });

  test("before it is sent, nothing is", async () => {
    const { model, requests } = await startModel(GOOD);
    const abortSignal = AbortSignal.abort();
    await expect(model.doStream({ prompt: PROMPT, abortSignal })).rejects.toMatchObject({ name: "AbortError" });
    expect(requests).toEqual([]);
  });

  test("so does a result whose loop was left, once nobody holds it", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const { model, whenLeft } = await startEndless();
    const leave = async () => {
      for await (const _ of streamText({ model, prompt: "Hi" }).textStream) break;
    };
    await leave();
    const timer = setInterval(collectGarbage, 50);
    await whenLeft;
    clearInterval(timer);
  });

  test("streamText ends with an abort part", async () => {
    const { model, whenLeft } = await startEndless();
    const abort = new AbortController();
    const types: string[] = [];
    for await (const part of streamText({ model, prompt: "Hi", abortSignal: abort.signal }).stream) {
      types.push(part.type);
      if (part.type === "text-delta") abort.abort();
    }
    expect(types.at(-1)).toBe("abort");
    await whenLeft;
  });
});
