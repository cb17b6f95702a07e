import { chunk, createControlledStream, startFakeVllm } from "@vllm-tooling/fake-vllm";
import type { FakeVllm, FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { loadFixture } from "@vllm-tooling/fixtures";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import type { BridgeFetchOptions, BridgeLogEntry } from "@vllm/bridge/fetch";
import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { chatsOf, startBridge, tearDown, TOOLS } from "./bridge-harness.ts";
import { recordedStreams, startPlayedServer } from "./played-server.ts";

const ASK = { model: "lab/tiny", messages: [{ role: "user" as const, content: "Hello" }] };
const CUT = "0.32.0/hermes-qwen3/tool-cut";
const open: FakeVllm[] = [];

afterEach(async () => {
  await tearDown();
  await Promise.all(open.splice(0).map((fake) => fake.close()));
});

async function setUp(fakeOptions: FakeVllmOptions = {}, options: BridgeFetchOptions = {}) {
  const fake = await startFakeVllm(fakeOptions);
  open.push(fake);
  const log: BridgeLogEntry[] = [];
  const fetch = createBridgeFetch({ log: (entry) => void log.push(entry), ...options });
  const ask = (body: object, init: RequestInit = {}) =>
    fetch(`${fake.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...init,
    });
  const openai = new OpenAI({ baseURL: fake.baseUrl, apiKey: "none", maxRetries: 0, fetch });
  return { fake, fetch, ask, openai, log, chats: () => chatsOf(fake) };
}

async function codeOf(attempt: Promise<unknown>): Promise<unknown> {
  const error = (await attempt.catch((reason: unknown) => reason)) as Error & { cause?: { code?: string } };
  return [error.name, error.cause?.code];
}

test("the same answers as the server, for every recording", async () => {
  const played = await startPlayedServer();
  const bridge = await startBridge({ upstream: played.baseUrl });
  const bridged = createBridgeFetch();
  const init = (stream: boolean) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...ASK, stream, n: 3, tools: TOOLS, stream_options: { include_usage: true } }),
  });
  const read = async (answer: Response) => {
    const text = await answer.text();
    const { status, headers } = answer;
    const own = text.replaceAll(/"created":\d+|"id":"(?:call_|chatcmpl-tool-)[^"]*"/g, "");
    return { status, type: headers.get("content-type"), retry: headers.get("x-should-retry"), text: own };
  };
  for (const id of recordedStreams) {
    played.play(loadFixture(id).response.body);
    for (const stream of [true, false]) {
      const served = await read(await fetch(`${bridge.baseUrl}/chat/completions`, init(stream)));
      const own = await read(await bridged(`${played.baseUrl}/chat/completions`, init(stream)));
      expect(own, id).toEqual(served);
    }
  }
  played.close();
});

describe("the openai package over the fetch", () => {
  test("streams, with usage", async () => {
    const { openai } = await setUp({ scenario: "hello-stream" });
    let text = "";
    let tokens: number | undefined;
    const stream = await openai.chat.completions.create({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? "";
      tokens = usage?.total_tokens ?? tokens;
    }
    expect(text).toContain("Hello there!");
    expect(tokens).toBeGreaterThan(0);
  });

  test("a call that was truncated is retried, and arrives whole", async () => {
    const { openai, chats, log } = await setUp({ scenario: [CUT, "tool-one"] });
    const answer = await openai.chat.completions.create({ ...ASK, tools: TOOLS as never });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: "function", function: { arguments: expect.stringContaining("Paris") } });
    expect(chats()).toHaveLength(2);
    expect(log).toMatchObject([{ attempts: 2, status: 200, ending: "ok", model: "lab/tiny" }]);
  });

  test("gets errors in vLLM's form, with advice", async () => {
    const { openai, fake } = await setUp();
    const messages = [{ role: "user" as const, content: "word ".repeat(60_000) }];
    await expect(openai.chat.completions.create({ ...ASK, messages })).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/maximum context length is \d+ tokens/),
    });
    fake.fail("refuse");
    await expect(openai.chat.completions.create(ASK)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining(fake.serverRoot),
    });
  });

  test("lists models and counts tokens at the server itself", async () => {
    const { openai, fetch, fake } = await setUp();
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain("lab/tiny");
    const direct = await globalThis.fetch(`${fake.baseUrl}/models`);
    const passed = await fetch(new Request(`${fake.baseUrl}/models`));
    expect(await passed.json()).toEqual(await direct.json());
  });
});

describe("requests", () => {
  test("any form of a fetch's arguments", async () => {
    const { fake, fetch, chats } = await setUp();
    const url = `${fake.baseUrl}/chat/completions`;
    const body = JSON.stringify({ ...ASK, store: true });
    const headers = { authorization: "Bearer k", "x-request-id": "r-1", "x-stainless-lang": "js", "cf-access": "c" };
    const init = { method: "POST", headers, body };
    const answers = [
      await fetch(url, init),
      await fetch(new URL(url), { ...init, body: new TextEncoder().encode(body) }),
      await fetch(new Request(url, init)),
      await fetch(new Request(url, { ...init, method: "PUT" }), { method: "post" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const { headers: sent, body: seen } of chats()) {
      expect(sent).toMatchObject({ authorization: "Bearer k", "x-request-id": "r-1", "cf-access": "c" });
      expect(sent["x-stainless-lang"]).toBeUndefined();
      expect(seen).not.toHaveProperty("store");
    }
    expect(chats()).toHaveLength(4);
  });

  test("a body that is not a JSON object is refused", async () => {
    const { fake, fetch, chats, log } = await setUp();
    const answer = await fetch(`${fake.baseUrl}/chat/completions`, { method: "POST", body: "{" });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { type: "BadRequestError", code: 400 } },
    ]);
    expect(chats()).toEqual([]);
    expect(log).toMatchObject([{ status: 400, ending: "INVALID_REQUEST" }]);
  });

  test("dryRun changes nothing and says what would be changed", async () => {
    const { ask, chats, log } = await setUp({}, { dryRun: true });
    const answer = await ask({ ...ASK, store: true });
    expect(answer.status).toBe(200);
    await answer.text();
    expect(chats()[0]?.body).toEqual({ ...ASK, store: true });
    await expect.poll(() => log[0]?.changes).toContain("store removed");
  });

  test("a log that throws ends no answer", async () => {
    const { ask } = await setUp(
      {},
      {
        log: () => {
          throw new Error("the disk is full");
        },
      },
    );
    expect((await ask(ASK)).status).toBe(200);
  });

  test("a fetch of the program's own sends everything", async () => {
    const seen: string[] = [];
    const own: typeof fetch = (input, init) => {
      seen.push(new URL(input instanceof Request ? input.url : String(input)).pathname);
      return globalThis.fetch(input, init);
    };
    const { ask, fake, fetch } = await setUp({}, { fetch: own });
    expect((await ask(ASK)).status).toBe(200);
    await fetch(`${fake.baseUrl}/embeddings`, { method: "POST", body: "{}" });
    expect(seen).toEqual(expect.arrayContaining(["/v1/models", "/v1/chat/completions", "/v1/embeddings"]));
    expect(fake.requests.every(({ path }) => seen.includes(path.replace(/\?.*/, "")))).toBe(true);
  });
});

describe("upstream", () => {
  test("gets every request, with its own key", async () => {
    const fake = await startFakeVllm({ apiKey: "upstream-key" });
    open.push(fake);
    const fetch = createBridgeFetch({ upstream: fake.serverRoot, apiKey: "upstream-key" });
    const openai = new OpenAI({ apiKey: "sk-other", maxRetries: 0, fetch });
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain("lab/tiny");
    expect((await openai.chat.completions.create(ASK)).choices).toHaveLength(1);
    const headers = { "x-api-key": "sk-other", "content-type": "application/json" };
    await fetch("https://api.anthropic.com/v1/messages?beta=true", { method: "POST", headers, body: '{"a":1}' });
    const messages = fake.requests.find(({ path }) => path === "/v1/messages?beta=true");
    expect(messages).toMatchObject({ bodyText: '{"a":1}', headers: { authorization: "Bearer upstream-key" } });
    expect(JSON.stringify(fake.requests)).not.toContain("sk-other");
  });

  test("options that cannot be used are refused at once", () => {
    expect(() => createBridgeFetch({ apiKey: "k" })).toThrow(/apiKey without an upstream/);
    expect(() => createBridgeFetch({ upstream: "http//gpu1" })).toThrow(/address|URL/i);
    expect(() => createBridgeFetch({ limits: { eventBytes: -1 } })).toThrow(/eventBytes/);
    expect(() => createBridgeFetch({ fetch, tls: { ca: "x" } })).toThrow(/tls/);
  });
});

describe("when one side goes away", () => {
  test("aborted before it is asked: nothing is sent", async () => {
    const { ask, chats } = await setUp();
    const reason = new Error("never mind");
    await expect(ask(ASK, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(chats()).toEqual([]);
  });

  test("aborted before the head: the fetch rejects with the reason, vLLM is stopped", async () => {
    const stream = createControlledStream();
    const { ask, log } = await setUp({ scenario: stream });
    const controller = new AbortController();
    const reason = new Error("never mind");
    const asking = ask({ ...ASK, stream: true }, { signal: controller.signal });
    await stream.opened;
    controller.abort(reason);
    await expect(asking).rejects.toBe(reason);
    expect(await stream.closed).toBe("client-left");
    await expect.poll(() => log).toMatchObject([{ status: 0, ending: "client left" }]);
  });

  test.each(["abort", "cancel"])("%s in mid-answer: vLLM is stopped", async (how) => {
    const stream = createControlledStream();
    const { ask, log } = await setUp({ scenario: stream });
    const controller = new AbortController();
    const reason = new Error("never mind");
    void stream.opened.then(() => stream.writeEvent(chunk({ role: "assistant", content: "One" })));
    const answer = await ask({ ...ASK, stream: true }, { signal: controller.signal });
    const reader = answer.body!.getReader();
    await reader.read();
    if (how === "cancel") await reader.cancel();
    else {
      controller.abort(reason);
      await expect(untilBroken(reader)).rejects.toBe(reason);
    }
    expect(await stream.closed).toBe("client-left");
    await expect.poll(() => log).toMatchObject([{ status: 200, ending: "client left" }]);
  });

  test("a reader that does not read makes vLLM wait, and gets everything", async () => {
    const piece = "x".repeat(1 << 16);
    const events = [...Array.from({ length: 400 }, () => chunk({ content: piece })), chunk({}, "stop")];
    let pulled = 0;
    const vllm = new ReadableStream<Uint8Array>({
      pull(controller) {
        const event = events[pulled++];
        if (event === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
      },
    });
    const own = async (input: string | URL | Request) =>
      String(input).endsWith("/chat/completions")
        ? new Response(vllm, { headers: { "content-type": "text/event-stream" } })
        : Response.json({}, { status: 404 });
    const { ask } = await setUp({}, { fetch: own });
    const answer = await ask({ ...ASK, stream: true });
    for (let before = -1; before !== pulled;) {
      before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(pulled).toBeLessThan(100);
    expect((await answer.text()).length).toBeGreaterThan(400 * piece.length);
  });

  test("vLLM's engine dies: the partial answer stays, an error ends it", async () => {
    const { ask } = await setUp(
      { scenario: "hello-stream", fail: { kind: "engine-dies", afterBytes: 1500 } },
      { resume: false },
    );
    const text = await (await ask({ ...ASK, stream: true })).text();
    expect(text).toContain('"reasoning":');
    expect(text).toMatch(/"error":\{.*data: \[DONE\]\n\n$/s);
  });

  test("nothing there: 503 for a chat; what passes through rejects as a fetch does", async () => {
    const { ask, fake, fetch } = await setUp();
    fake.fail("refuse");
    const answer = await ask(ASK);
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "false"]);
    expect(await codeOf(fetch(`${fake.baseUrl}/models`))).toEqual(["TypeError", "SERVER_UNREACHABLE"]);
  });
});

async function untilBroken(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  for (let read = await reader.read(); !read.done;) read = await reader.read();
}
