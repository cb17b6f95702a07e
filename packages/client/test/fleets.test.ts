import { createVllmClient, type ChatParams } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect } from "./support/collect.ts";
import { chunk } from "./support/chunk.ts";
import { serveScript, type ScriptedAnswer } from "./support/scripted-server.ts";

const GOOD: ScriptedAnswer = { body: [chunk({ content: "Hi" }), chunk({}, "stop")] };
const BUSY: ScriptedAnswer = { status: 503, body: { error: { message: "busy", code: 503 } } };
const PARAMS: ChatParams = { model: "m", messages: [{ role: "user", content: "Hello" }] };

const withHeaders = (answer: ScriptedAnswer, headers: Record<string, string>): ScriptedAnswer => ({
  ...answer,
  headers,
});

describe("affinity for routers with rules of their own", () => {
  test("the headers that they read hold the name", async () => {
    const { baseUrl, headers } = await serveScript(GOOD);
    const affinity = { id: "conversation-1", headerNames: ["X-Dynamo-Session-Id", "x-session-id"] };
    await createVllmClient({ baseUrl }).complete({ ...PARAMS, affinity });
    expect(headers[0]).toMatchObject({ "x-dynamo-session-id": "conversation-1", "x-session-id": "conversation-1" });
  });

  test("a response header is sent back with the next request of the same conversation, and only then", async () => {
    const marked = withHeaders(GOOD, { "x-session-token": "server-7", "x-other": "1" });
    const { baseUrl, headers } = await serveScript(marked, GOOD, GOOD, GOOD);
    const client = createVllmClient({ baseUrl });
    const ask = (id: string) => client.complete({ ...PARAMS, affinity: { id, echo: ["X-Session-Token"] } });
    await ask("conversation-1");
    await ask("conversation-1");
    await ask("conversation-2");
    // The second answer had none, and the mark still holds.
    await ask("conversation-1");
    expect(headers.map((sent) => sent["x-session-token"])).toEqual([undefined, "server-7", undefined, "server-7"]);
    expect(headers.map((sent) => sent["x-other"])).toEqual([undefined, undefined, undefined, undefined]);
  });

  test.each<[string, unknown]>([
    ["a number", 7],
    ["no id", { headerNames: ["a"] }],
    ["an unknown option", { id: "a", parent: "b" }],
    ["names that are no list", { id: "a", headerNames: "x-session-id" }],
    ["a name that no header has", { id: "a", echo: ["x session"] }],
  ])("%s is refused by name", async (_, affinity) => {
    const client = createVllmClient({ baseUrl: "http://127.0.0.1:1/v1" });
    const { error } = await collect(client.chat({ ...PARAMS, affinity } as ChatParams));
    expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("affinity") });
  });
});

describe("what an answer's headers say", () => {
  const SAID = {
    "X-Served-By": "gpu-2",
    "set-cookie": "login=secret",
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1m30s",
    "x-ratelimit-remaining-tokens": "149984",
  };
  const RATE_LIMIT = { requests: { limit: 60, remaining: 59, resetMs: 90_000 }, tokens: { remaining: 149_984 } };

  test("a result has them, and the quotas as numbers", async () => {
    const { baseUrl } = await serveScript(withHeaders(GOOD, SAID));
    const { headers, rateLimit } = await createVllmClient({ baseUrl }).complete(PARAMS);
    expect(headers).toMatchObject({ "x-served-by": "gpu-2", "content-type": "text/event-stream" });
    expect(headers).not.toHaveProperty("set-cookie");
    expect(rateLimit).toEqual(RATE_LIMIT);
  });

  test("so has an error, which keeps the headers out of logs", async () => {
    const { baseUrl } = await serveScript(withHeaders({ ...BUSY, status: 429 }, { ...SAID, "retry-after": "120" }));
    const { error } = await collect(createVllmClient({ baseUrl }).chat(PARAMS));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 120_000, rateLimit: RATE_LIMIT });
    expect(error?.headers).toMatchObject({ "x-served-by": "gpu-2", "retry-after": "120" });
    expect(JSON.stringify(error)).not.toContain("gpu-2");
  });

  test("an answer without any has no quotas", async () => {
    const { baseUrl } = await serveScript(GOOD);
    expect(await createVllmClient({ baseUrl }).complete(PARAMS)).not.toHaveProperty("rateLimit");
  });

  test("an error before any answer has no headers, also after an answer that was retried", async () => {
    const { baseUrl, close } = await serveScript(withHeaders(BUSY, { ...SAID, connection: "close" }));
    let calls = 0;
    const headers = () => {
      calls += 1;
      if (calls === 2) close();
      return {};
    };
    const { error } = await collect(createVllmClient({ baseUrl, headers }).chat(PARAMS));
    expect(error?.code).toBe("SERVER_UNREACHABLE");
    expect(error?.headers).toBeUndefined();
  });
});

describe("headers of a function", () => {
  test("it is called before each attempt", async () => {
    const { baseUrl, headers } = await serveScript(BUSY, GOOD);
    let count = 0;
    const client = createVllmClient({ baseUrl, headers: async () => ({ TraceParent: `00-${(count += 1)}` }) });
    await client.complete(PARAMS, { headers: () => ({ "x-attempt": String(count) }) });
    expect(headers.map(({ traceparent }) => traceparent)).toEqual(["00-1", "00-2"]);
    expect(headers).toMatchObject([{ "x-attempt": expect.any(String) }, { "x-attempt": expect.any(String) }]);
  });

  test("a key of a function is a key: it is sent, and never shown", async () => {
    const refusal: ScriptedAnswer = { status: 401, body: { error: { message: "Your key sk-4711 is wrong." } } };
    const { baseUrl, headers } = await serveScript(refusal, refusal);
    const authorization = "Bearer sk-4711";
    const client = createVllmClient({ baseUrl, headers: () => ({ authorization }) });
    const { error } = await collect(client.chat(PARAMS));
    expect(headers[0]).toMatchObject({ authorization });
    expect(error?.message).toContain("refused the API key");
    expect(`${error?.message} ${error?.hint}`).not.toMatch(/(?<!\d)4711(?!\d)/);
    await expect(client.post("/v1/embeddings", {})).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    expect(headers[1]).toMatchObject({ authorization });
  });

  test.each<[string, () => never]>([
    [
      "throws",
      () => {
        throw new Error("mine");
      },
    ],
    ["returns a Headers object", (() => new Headers({ a: "b" })) as () => never],
    ["returns a number as a value", (() => ({ a: 1 })) as unknown as () => never],
  ])("one that %s ends the reply, and nothing is sent", async (_, headers) => {
    const { baseUrl, bodies } = await serveScript(GOOD);
    for (const options of [{ headers }, {}]) {
      const client = createVllmClient({ baseUrl, ...options });
      const { error } = await collect(client.chat(PARAMS, "headers" in options ? {} : { headers }));
      expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("headers") });
    }
    expect(bodies).toEqual([]);
  });
});
