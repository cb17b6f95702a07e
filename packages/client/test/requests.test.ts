import { stopClock } from "@vllm-tooling/contract/clock";
import { loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient, type ChatParams, type VllmClientOptions } from "@vllm/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collect } from "./support/collect.ts";
import { playing, toPlayback, type Playback } from "./support/play.ts";

const HELLO = "\n\nHello there! How can I help you today?";
const PARAMS: ChatParams = { model: "tiny", messages: [{ role: "user", content: "hello" }] };

const hello = () => toPlayback(loadFixture("0.32.0/hermes-qwen3/hello-stream"));
const recorded = (id: string) => () => toPlayback(loadFixture(id));
const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  (): Playback => ({
    pieces: [new TextEncoder().encode(JSON.stringify(value))],
    status,
    headers: { "content-type": "application/json", ...headers },
  });
const text =
  (body: string, status: number, headers: Record<string, string> = {}) =>
  (): Playback => ({
    pieces: [new TextEncoder().encode(body)],
    status,
    headers: { "content-type": "text/plain", ...headers },
  });
const error = (message: string, status: number, param: string | null = null) =>
  json({ error: { message, type: "BadRequestError", param, code: status } }, status);

function start(playbacks: Parameters<typeof playing>, options: VllmClientOptions = {}) {
  const fetch = playing(...playbacks);
  return { client: createVllmClient({ fetch, ...options }), requests: fetch.requests };
}

describe("where requests go", () => {
  beforeEach(() => {
    vi.stubEnv("VLLM_BASE_URL", undefined);
    vi.stubEnv("VLLM_API_KEY", undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("to vLLM's own port on this machine, without a key, unless told otherwise", async () => {
    const { client, requests } = start([hello]);
    expect(client.baseUrl).toBe("http://127.0.0.1:8000/v1");
    await client.complete(PARAMS);
    expect(requests[0]?.url).toBe("http://127.0.0.1:8000/v1/chat/completions");
    expect(requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test("a name and a password in the address become a header, a stray % in them, too", async () => {
    const { client, requests } = start([hello], { baseUrl: "http://me:100%zz@gpu:8000/v1" });
    expect(client.baseUrl).toBe("http://gpu:8000/v1");
    await client.complete(PARAMS);
    expect(requests[0]).toMatchObject({
      url: "http://gpu:8000/v1/chat/completions",
      headers: { authorization: `Basic ${Buffer.from("me:100%zz").toString("base64")}` },
    });
  });

  test("VLLM_BASE_URL and VLLM_API_KEY are read, options win, blanks are nothing", async () => {
    vi.stubEnv("VLLM_BASE_URL", "gpu-box:9000");
    vi.stubEnv("VLLM_API_KEY", "sk-env");
    const { client, requests } = start([hello, hello]);
    await client.complete(PARAMS);
    expect(requests[0]).toMatchObject({
      url: "http://gpu-box:9000/v1/chat/completions",
      headers: { authorization: "Bearer sk-env" },
    });
    expect(createVllmClient({ baseUrl: "http://other/v1/" }).baseUrl).toBe("http://other/v1");
    const { client: second, requests: other } = start([hello], { baseUrl: "http://other/v1", apiKey: "" });
    await second.complete(PARAMS);
    expect(other[0]?.headers).not.toHaveProperty("authorization");
    vi.stubEnv("VLLM_API_KEY", "  ");
    const { client: keyless, requests: sent } = start([hello]);
    await keyless.complete(PARAMS);
    expect(sent[0]?.headers).not.toHaveProperty("authorization");
  });

  test("user name and password in the address become a header", async () => {
    const { client, requests } = start([hello], { baseUrl: "http://me:p%40ss@proxy:8080/v1" });
    await client.complete(PARAMS);
    expect(client.baseUrl).toBe("http://proxy:8080/v1");
    expect(requests[0]?.headers["authorization"]).toBe(`Basic ${btoa("me:p@ss")}`);
  });

  test.each([
    ["not a url", { baseUrl: "http://" }],
    ["a key with a line break", { apiKey: "sk-1\nx: y" }],
    ["an unknown scheme", { baseUrl: "ftp://x" }],
  ])("%s is CONFIG_INVALID, and says nothing of the key", (_, options) => {
    expect(() => createVllmClient(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    try {
      createVllmClient(options);
    } catch (thrown) {
      expect(JSON.stringify(thrown)).not.toContain("sk-1");
    }
  });

  test("headers of client, request and options; the nearest wins", async () => {
    const { client, requests } = start([hello], {
      apiKey: "sk-1",
      headers: { "X-Team": "a", Authorization: "Basic x" },
    });
    await client
      .chat({ ...PARAMS, affinity: "conversation-1" }, { requestId: "turn-1", headers: { "x-team": "b" } })
      .result();
    expect(requests[0]?.headers).toMatchObject({
      "x-team": "b",
      authorization: "Basic x",
      "x-request-id": "turn-1",
      "x-session-id": "conversation-1",
    });
  });

  test("a key that came in a header is not shown, also when the server repeats it without its scheme", async () => {
    for (const Authorization of ["Bearer sk-4711", "Basic sk-4711", "sk-4711"]) {
      const refusal = error("Your key sk-4711 may not use this model.", 400);
      const { client } = start([refusal], { headers: { Authorization } });
      const { error: told } = await collect(client.chat(PARAMS));
      expect(told?.message).toContain("may not use this model");
      expect(`${told?.message} ${told?.hint} ${JSON.stringify(told)}`).not.toMatch(/(?<!\d)4711(?!\d)/);
      const { client: plain } = start([refusal]);
      const { error: inOptions } = await collect(plain.chat(PARAMS, { headers: { Authorization } }));
      expect(`${inOptions?.message} ${inOptions?.hint}`).not.toMatch(/(?<!\d)4711(?!\d)/);
    }
  });

  test("the request id of the answer is in result and error", async () => {
    const { headers, ...rest } = hello();
    const { client } = start([{ ...rest, headers: { ...headers, "x-request-id": "req-7" } }]);
    expect((await client.complete(PARAMS)).requestId).toBe("req-7");
    const { client: other } = start([json({ detail: "no" }, 400, { "x-request-id": "req-8" })]);
    await expect(other.complete(PARAMS)).rejects.toMatchObject({ requestId: "req-8" });
  });
});

describe("the model", () => {
  const models = (...data: object[]) => json({ object: "list", data });

  test("the server's only one is found once", async () => {
    const { client, requests } = start([
      models(
        { id: "base", root: "/m", parent: null },
        { id: "alias", root: "/m" },
        { id: "lora", root: "/l", parent: "base" },
      ),
      hello,
    ]);
    const { model: _, ...params } = PARAMS;
    await client.complete(params);
    await client.complete(params);
    expect(requests.map(({ url, body }) => [new URL(url).pathname, body?.["model"]])).toEqual([
      ["/v1/models", undefined],
      ["/v1/chat/completions", "base"],
      ["/v1/chat/completions", "base"],
    ]);
  });

  test("the only one is looked up again when the server has changed to another", async () => {
    const [old, next] = [models({ id: "old" }), models({ id: "new" })];
    const gone = error("The model `old` does not exist.", 404, "model");
    const { client, requests } = start([old, hello, gone, next, hello, hello]);
    const messages = [{ role: "user" as const, content: "hello" }];
    for (let turn = 0; turn < 3; turn += 1) expect((await client.complete({ messages })).text).toBe(HELLO);
    const asked = requests.map(({ url, body }) => body?.["model"] ?? new URL(url).pathname);
    expect(asked).toEqual(["/v1/models", "old", "old", "/v1/models", "new", "new"]);
    // The same one again is no reason to ask on.
    const { client: other, requests: sent } = start([old, gone, old]);
    await expect(other.complete({ messages })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    expect(sent.filter(({ body }) => body !== undefined)).toHaveLength(1);
  });

  test("the client's own is used without asking", async () => {
    const { client, requests } = start([hello], { model: "mine" });
    await client.complete({ messages: PARAMS.messages });
    expect(requests[0]?.body).toMatchObject({ model: "mine" });
  });

  test("several are named, and so is a router without any", async () => {
    const { client } = start([models({ id: "a", root: "1" }, { id: "b", root: "2" })]);
    await expect(client.complete({ messages: [] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("a, b"),
    });
    const { client: empty } = start([models()]);
    await expect(empty.complete({ messages: [] })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    const { client: wrong } = start([text("<html>", 200)]);
    await expect(wrong.complete({ messages: [] })).rejects.toMatchObject({ code: "NOT_VLLM" });
    const { client: locked } = start([json({ error: "Unauthorized" }, 401)]);
    await expect(locked.complete({ messages: [] })).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  });

  test("an unknown one is answered with the served ids, asked for when the server does not tell them", async () => {
    const { client, requests } = start([
      recorded("0.24.0/small/unknown-model-stream"),
      models({ id: "Qwen/Qwen3-8B" }, { id: "Qwen/Qwen3-32B" }),
    ]);
    await expect(client.complete({ ...PARAMS, model: "qwen3-8b" })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: 'The model "qwen3-8b" is not served here. Served: Qwen/Qwen3-8B, Qwen/Qwen3-32B.',
      hint: 'Did you mean "Qwen/Qwen3-8B"?',
      availableModels: ["Qwen/Qwen3-8B", "Qwen/Qwen3-32B"],
      suggestion: "Qwen/Qwen3-8B",
    });
    expect(requests).toHaveLength(2);
    const { client: told, requests: sent } = start([recorded("0.32.0/lab/unknown-model-stream")]);
    await expect(told.complete(PARAMS)).rejects.toMatchObject({ availableModels: ["lab/tiny"] });
    expect(sent).toHaveLength(1);
  });
});

describe("too long for the window", () => {
  const overflow = error(
    "'max_tokens' or 'max_completion_tokens' is too large: 4090. This model's maximum context length is 4096 tokens and your request has 16 input tokens (4090 > 4096 - 16).",
    400,
  );

  test("max_tokens is lowered once to what fits, and a warning tells it", async () => {
    const { client, requests } = start([overflow, hello]);
    const { events, result } = await collect(client.chat({ ...PARAMS, max_tokens: 4090 }));
    expect(result?.text).toBe(HELLO);
    expect(requests.map(({ body }) => body?.["max_tokens"])).toEqual([4090, 4080]);
    expect(events[1]).toMatchObject({ type: "warning", warning: { code: "max-tokens-lowered" } });
    expect(result?.warnings[0]?.message).toBe(
      "4090 output tokens do not fit the window of 4096: with a prompt of 16; 4080 were asked for instead.",
    );
  });

  test("but not twice, and not when it is turned off", async () => {
    const { client, requests } = start([overflow, overflow]);
    await expect(client.complete({ ...PARAMS, max_completion_tokens: 4090 })).rejects.toMatchObject({
      code: "CONTEXT_LENGTH_EXCEEDED",
    });
    expect(requests.map(({ body }) => body?.["max_completion_tokens"])).toEqual([4090, 4080]);
    const { client: strict, requests: sent } = start([overflow], { fitMaxTokens: false });
    await expect(strict.complete({ ...PARAMS, max_tokens: 4090 })).rejects.toMatchObject({
      code: "CONTEXT_LENGTH_EXCEEDED",
      promptTokens: 16,
      requestedTokens: 4090,
      maxModelLen: 4096,
    });
    expect(sent).toHaveLength(1);
  });

  test("the true size comes from /tokenize when vLLM stopped counting", async () => {
    const { client, requests } = start([
      recorded("0.24.0/small/prompt-too-long-stream"),
      json({ count: 10_015, max_model_len: 4096, tokens: [1] }),
    ]);
    const messages = [{ role: "user" as const, content: "a b c" }];
    await expect(
      client.complete({ model: "tiny", messages, tools: undefined, chat_template_kwargs: { enable_thinking: false } }),
    ).rejects.toMatchObject({
      code: "CONTEXT_LENGTH_EXCEEDED",
      promptTokens: 10_015,
      maxModelLen: 4096,
      message: expect.stringMatching(/^The prompt has 10015 tokens/),
      hint: expect.stringContaining("by at least 5920 tokens"),
    });
    expect(requests[1]).toMatchObject({
      url: "http://127.0.0.1:8000/tokenize",
      body: { model: "tiny", messages, chat_template_kwargs: { enable_thinking: false } },
    });
    expect(requests[1]?.body).not.toHaveProperty("stream");
  });

  test("a sum that does not fit is made to fit with the true size", async () => {
    const sum = error(
      "This model's maximum context length is 4096 tokens. However, you requested 600 output tokens and your prompt contains at least 3497 input tokens, for a total of at least 4097 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=3497)",
      400,
      "input_tokens",
    );
    const { client, requests } = start([sum, json({ count: 3600, tokens: [1] }), hello]);
    expect((await client.complete({ ...PARAMS, max_tokens: 600 })).text).toBe(HELLO);
    expect(requests[2]?.body).toMatchObject({ max_tokens: 496 });
    // Without the true size nothing is guessed.
    const { client: blind } = start([sum, json({ detail: "Not Found" }, 404)]);
    await expect(blind.complete({ ...PARAMS, max_tokens: 600 })).rejects.toMatchObject({
      promptTokens: 3497,
      promptTokensAtLeast: true,
    });
  });

  test("a limit above the window is left out when nothing else is known", async () => {
    const { client, requests } = start([
      recorded("0.24.0/small/max-tokens-huge"),
      json({ detail: "Not Found" }, 404),
      hello,
    ]);
    await client.complete({ ...PARAMS, max_tokens: 100_000 });
    expect(requests[2]?.body).not.toHaveProperty("max_tokens");
  });
});

describe("the server's tokenizer", () => {
  test("counts, tokenizes and detokenizes", async () => {
    const { client, requests } = start(
      [
        json({ count: 3, tokens: [1, 2, 3], max_model_len: 4096 }),
        json({ count: 7, tokens: [1] }),
        json({ prompt: "hi" }),
      ],
      { model: "tiny", apiKey: "sk-1" },
    );
    expect(await client.tokenize({ prompt: "a b c" })).toEqual({ count: 3, tokens: [1, 2, 3], maxModelLen: 4096 });
    expect(await client.countTokens({ messages: PARAMS.messages })).toBe(7);
    expect(await client.detokenize({ tokens: [1, 2] })).toBe("hi");
    expect(requests.map(({ url, body }) => [new URL(url).pathname, body])).toEqual([
      ["/tokenize", { model: "tiny", prompt: "a b c" }],
      ["/tokenize", { model: "tiny", messages: PARAMS.messages }],
      ["/detokenize", { model: "tiny", tokens: [1, 2] }],
    ]);
  });

  test("counts what will be sent: the conversation as the model's profile wants it, the request's before the client's", async () => {
    const known = <Value>(value: Value) => ({ value, source: "user" as const, evidence: "by hand" });
    const profile = (laterSystem: "kept" | "rejected") => ({
      id: "tiny",
      contextWindow: known(4096),
      input: known(["text" as const]),
      toolCalling: known("yes" as const),
      reasoning: known("yes" as const),
      history: known({
        laterSystem,
        secondSystem: "kept" as const,
        developerRole: "kept" as const,
        consecutiveUser: "kept" as const,
        toolCallIds: "any" as const,
        reasoningReplay: "unknown" as const,
      }),
    });
    const messages: ChatParams["messages"] = [...PARAMS.messages, { role: "system", content: "Be brief." }];
    const { client, requests } = start([json({ count: 7, tokens: [1] })], { profile: profile("rejected") });
    await client.countTokens({ model: "tiny", messages });
    await client.tokenize({ model: "tiny", messages });
    await client.countTokens({ model: "tiny", messages }, { profile: profile("kept") });
    const roles = requests.map(({ body }) => (body!["messages"] as { role: string }[]).map(({ role }) => role));
    expect(roles).toEqual([
      ["system", "user"],
      ["system", "user"],
      ["user", "system"],
    ]);
  });

  test("its refusals are errors, and a signal stops it", async () => {
    const { client } = start([json({ detail: "Not Found" }, 404), text("<html>", 200)]);
    await expect(client.tokenize({ prompt: "a" })).rejects.toMatchObject({ code: "WRONG_BASE_URL" });
    await expect(client.tokenize({ prompt: "a" })).rejects.toMatchObject({ code: "NOT_VLLM" });
    await expect(client.tokenize({ prompt: "a" }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    const silent = start([{ pieces: [], end: "silence" }]).client;
    await expect(silent.tokenize({ prompt: "a" }, { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});

describe("sending again", () => {
  test("the harmony slip, once, before content", async () => {
    const slip = error('unexpected tokens remaining in message header: Some("to=functions.x")', 500);
    const { client, requests } = start([slip, hello], { retry: { maxRetries: 0 } });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect(requests).toHaveLength(2);
    const { client: unlucky, requests: sent } = start([slip, slip, hello]);
    await expect(unlucky.complete(PARAMS)).rejects.toMatchObject({ code: "SERVER_ERROR" });
    expect(sent).toHaveLength(2);
  });

  test("the same slip inside a stream: the answer begins once, and nothing is told twice", async () => {
    const begun = 'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
    const slip = { message: "unexpected tokens remaining in message header", type: "InternalServerError", code: 500 };
    const broken = { pieces: [new TextEncoder().encode(`${begun}data: ${JSON.stringify({ error: slip })}\n\n`)] };
    const { client, requests } = start([broken, hello]);
    const { events, result } = await collect(client.chat({ ...PARAMS, extra_body: { guided_json: {} } }));
    expect(requests).toHaveLength(2);
    expect(events.map(({ type }) => type).filter((type) => type === "start" || type === "warning")).toEqual([
      "start",
      "warning",
    ]);
    expect(result?.text).toBe(HELLO);
    expect(result?.warnings).toHaveLength(1);
  });

  test("not a 500 of the request's own, nor one that nobody knows", async () => {
    const { client, requests } = start([error("Cannot connect to host example.invalid:80", 500), hello]);
    await expect(client.complete(PARAMS)).rejects.toMatchObject({ isRetryable: expect.any(Boolean) });
    expect(requests).toHaveLength(1);
    const { client: other, requests: sent } = start([text("Internal Server Error", 500), hello]);
    await expect(other.complete(PARAMS)).rejects.toMatchObject({ code: "SERVER_ERROR" });
    expect(sent).toHaveLength(1);
  });

  test("a router whose server died just now", async () => {
    const { client, requests } = start([
      text("Request failed: error sending request for url (http://127.0.0.1:8141/v1/chat/completions)", 500),
      hello,
    ]);
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect(requests).toHaveLength(2);
  });

  test("Retry-After is waited for when it is short, and told when it is long", async () => {
    const waits: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const { client } = start([text("", 429, { "retry-after": "0" }), hello]);
      using clock = stopClock();
      await clock.passUntil(client.complete(PARAMS), 1);
      waits.push(clock.elapsedMs);
    }
    // Without the header it is 375 to 500 ms.
    expect(Math.max(...waits)).toBeLessThan(200);
    const { client: patient, requests } = start([text("", 429, { "retry-after": "120" }), hello]);
    await expect(patient.complete(PARAMS)).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 120_000 });
    expect(requests).toHaveLength(1);
  });

  test("not after the first byte of an answer", async () => {
    const [first] = loadFixture("0.32.0/hermes-qwen3/hello-stream").response.chunks;
    const { client, requests } = start([{ pieces: [first!], end: "broken" }, hello]);
    await expect(client.complete(PARAMS)).rejects.toMatchObject({ code: "STREAM_ENDED_EARLY" });
    expect(requests).toHaveLength(1);
    const { client: early, requests: sent } = start([{ pieces: [], end: "broken" }, hello]);
    expect((await early.complete(PARAMS)).text).toBe(HELLO);
    expect(sent).toHaveLength(2);
  });
});
