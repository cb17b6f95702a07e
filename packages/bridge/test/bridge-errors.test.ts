import { stopClock } from "@vllm-tooling/contract/clock";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { VLLM_ERROR_CODES, VllmError } from "@vllm/schema/core";
import { afterEach, describe, expect, test } from "vitest";
import { toErrorReply } from "../src/chat/error-reply.ts";
import { post, setUp, startBridge, tearDown, TOOLS } from "./bridge-harness.ts";

afterEach(tearDown);

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };

/** What agents look for: pi-ai 0.54's `isContextOverflow`, and what pi-coding-agent sends again. */
const PI_OVERFLOW =
  /maximum context length is \d+ tokens|context[_ ]length[_ ]exceeded|reduce the length of the messages/i;

interface Answer {
  error: { message: string; type: string; param: string | null; code: number };
}

describe("an error of vLLM, in the agent's words and with advice", () => {
  test.each([true, false])("an overflow is one that agents compact for (streamed: %s)", async (stream) => {
    const { baseUrl } = await setUp();
    const messages = [{ role: "user", content: "word ".repeat(60_000) }];
    const { status, text } = await post(baseUrl, { ...ASK, messages, stream });
    const { error } = JSON.parse(text) as Answer;
    expect([status, error.code, error.type, error.param]).toEqual([400, 400, "BadRequestError", "input_tokens"]);
    expect(error.message).toMatch(
      /^This model's maximum context length is \d+ tokens\. However, your prompt contains (?:at least )?\d+ input tokens\. /,
    );
    expect(error.message).toMatch(PI_OVERFLOW);
  });

  test("a wrong key is 401, with what to do", async () => {
    const { baseUrl } = await setUp({ apiKey: "right" });
    const { status, text, headers } = await post(baseUrl, ASK, { authorization: "Bearer wrong-secret" });
    const { error } = JSON.parse(text) as Answer;
    expect([status, error.code, error.type]).toEqual([401, 401, "AuthenticationError"]);
    expect(headers.get("x-should-retry")).toBe("false");
    expect(error.message).toMatch(/key/i);
    expect(text).not.toContain("wrong-secret");
  });

  test("the client's key is passed on; the bridge's own stands in for it", async () => {
    const { baseUrl, fake } = await setUp({ apiKey: "right" });
    expect((await post(baseUrl, ASK, { authorization: "Bearer right" })).status).toBe(200);
    const bridge = await startBridge({ upstream: fake.baseUrl, apiKey: "right", open: true });
    expect((await post(bridge.baseUrl!, ASK, { authorization: "Bearer whatever" })).status).toBe(200);
  });

  test("a login in the upstream's address is sent and never shown", async () => {
    const { fake } = await setUp({ scenario: "hello-stream" });
    const upstream = fake.baseUrl.replace("http://", "http://me:pass-secret@");
    const bridge = await startBridge({ upstream, open: true });
    expect(bridge.upstreamUrl).toBe(fake.baseUrl);
    for (const path of ["/models", "/embeddings"]) await fetch(`${bridge.baseUrl}${path}`);
    await post(bridge.baseUrl!, ASK);
    const basic = `Basic ${Buffer.from("me:pass-secret").toString("base64")}`;
    const asked = fake.requests.filter(({ headers }) => headers["authorization"] === basic).map(({ path }) => path);
    expect(asked).toEqual(expect.arrayContaining(["/v1/models", "/v1/embeddings", "/v1/chat/completions"]));
  });

  test("an unknown model is 404 and names the ones that are served", async () => {
    const { baseUrl } = await setUp();
    const { status, text } = await post(baseUrl, { ...ASK, model: "lab/tinny" });
    expect(status).toBe(404);
    expect((JSON.parse(text) as Answer).error.message).toContain("lab/tiny");
  });

  test("too many requests keep their status, their wait and the word that agents look for", async () => {
    const { baseUrl } = await setUp({ fail: "busy-429" });
    const { status, headers, text } = await post(baseUrl, ASK);
    expect([status, headers.get("x-should-retry")]).toEqual([429, "true"]);
    expect((JSON.parse(text) as Answer).error.type).toBe("RateLimitError");
  });

  test("a server that is down is reported at once, with address and advice", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const bridge = await startBridge({ upstream: `http://127.0.0.1:${port}` });
    await post(bridge.baseUrl!, ASK);
    using clock = stopClock();
    for (let run = 0; run < 5; run += 1) {
      // Two repeats, as our client makes them by itself, wait for a timer, and none runs here.
      expect((await post(bridge.baseUrl!, { ...ASK, stream: true })).status).toBe(503);
    }
    expect(clock.elapsedMs).toBeLessThan(250);
    const { status, headers, text } = await post(bridge.baseUrl!, { ...ASK, stream: true });
    expect([status, headers.get("x-should-retry")]).toEqual([503, "false"]);
    expect((JSON.parse(text) as Answer).error.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*vllm serve`, "s"));
    for (const path of ["/models", "/embeddings"]) expect((await fetch(`${bridge.baseUrl}${path}`)).status).toBe(503);
  });

  test("a web page with status 200 is no answer", async () => {
    const { baseUrl } = await setUp({ fail: "html-200" });
    const { status, text } = await post(baseUrl, ASK);
    expect(status).toBe(502);
    expect(text).not.toContain("<html");
  });
});

describe("a server without a tool parser", () => {
  test("gets the tools in the prompt once it refused them, and its calls are found", async () => {
    const { baseUrl, chats, log } = await setUp({ config: "0.32.0/no-tool-parser" });
    const ask = { ...ASK, model: "tiny", tools: TOOLS, stream: true };
    await post(baseUrl, ask);
    expect(chats().map(({ body }) => (body as { tool_choice?: string }).tool_choice)).toEqual([undefined, "none"]);
    expect(log[0]).toMatchObject({ status: 200, ending: "ok", attempts: 2 });
    await post(baseUrl, ask);
    expect(chats()).toHaveLength(3);
  });
});

describe("every error", () => {
  test("of a prompt that fits is no overflow: a shorter conversation would not help", () => {
    const facts = { maxModelLen: 4096, promptTokens: 55, requestedTokens: 9000 };
    const error = new VllmError({
      code: "CONTEXT_LENGTH_EXCEEDED",
      message: "Too long.",
      hint: "Ask for less.",
      ...facts,
    });
    expect(toErrorReply(error).body.error.message).toBe(
      "The prompt (55 tokens) fits the window of 4096, the output that was asked for does not. Ask for less.",
    );
  });

  test.each(VLLM_ERROR_CODES)("%s is a whole answer, and an overflow only when it is one", (code) => {
    const { status, headers, body } = toErrorReply(new VllmError({ code, message: "It failed.", hint: "Do this." }));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(headers["x-should-retry"]).toBe("false");
    expect(Object.keys(body.error)).toEqual(["message", "type", "param", "code"]);
    expect(body.error.code).toBe(status);
    expect(body.error.message).toContain("Do this.");
    expect(PI_OVERFLOW.test(body.error.message)).toBe(code === "CONTEXT_LENGTH_EXCEEDED");
  });

  test.each([
    ["STREAM_ENDED_EARLY", "502 It failed.", "true"],
    ["ENGINE_FAILED", "500 It failed.", "true"],
    ["SERVER_UNREACHABLE", "503 It failed.", "false"],
    ["STREAM_IDLE_TIMEOUT", "It failed.", "false"],
    ["REQUEST_TIMEOUT", "It failed.", "false"],
  ] as const)("%s in a stream: agents try again where it helps, and do not wait twice", (code, text, repeats) => {
    const hint = "error.partial holds what had arrived.";
    const { event, body, headers } = toErrorReply(
      new VllmError({ code, message: "It failed.", hint, isRetryable: true }),
    );
    expect([event.error.message, body.error.message, headers["x-should-retry"]]).toEqual([text, "It failed.", repeats]);
  });

  test("a mistake of ours shows no text of others", () => {
    expect(toErrorReply(new TypeError("the prompt was: secret")).body.error.message).toBe(
      "The bridge failed (TypeError). This is a mistake of the bridge itself: please report it.",
    );
  });
});
