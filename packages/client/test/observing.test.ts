import { createVllmClient, type ResponseInfo } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect } from "./support/collect.ts";
import { serveScript, type ScriptedAnswer } from "./support/scripted-server.ts";

const CHUNKS = [
  { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }] },
  { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta: { content: " there" }, finish_reason: null }] },
  { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
];
const GOOD: ScriptedAnswer = { body: CHUNKS };
const BUSY: ScriptedAnswer = { status: 503, body: { error: { message: "busy", code: 503 } } };
const PARAMS = { model: "m", messages: [{ role: "user" as const, content: "Hello" }] };

const transports = [
  ["over Node's sockets", {}],
  ["over fetch", { fetch: globalThis.fetch }],
] as const;

describe.each(transports)("what a request can be watched by, %s", (_, transport) => {
  test("onResponse gets the head of each answer, and the body that was sent", async () => {
    const { baseUrl, bodies } = await serveScript(BUSY, GOOD);
    const heads: ResponseInfo[] = [];
    const client = createVllmClient({ ...transport, baseUrl });
    const { result } = await collect(client.chat(PARAMS, { onResponse: (response) => heads.push(response) }));
    expect(result?.text).toBe("Hi there");
    expect(heads.map(({ status }) => status)).toEqual([503, 200]);
    expect(heads[1]).toMatchObject({
      url: `${baseUrl}/chat/completions`,
      headers: { "content-type": "text/event-stream" },
    });
    expect(heads.map(({ requestBody }) => requestBody)).toEqual(bodies);
  });

  test("onRawChunk gets every chunk besides the events", async () => {
    const { baseUrl } = await serveScript(GOOD);
    const chunks: unknown[] = [];
    const client = createVllmClient({ ...transport, baseUrl });
    const { events, result } = await collect(client.chat(PARAMS, { onRawChunk: (chunk) => chunks.push(chunk) }));
    expect(chunks).toEqual(CHUNKS);
    expect(events.map(({ type }) => type)).toContain("text_delta");
    expect(result?.text).toBe("Hi there");
  });

  test.each(["onResponse", "onRawChunk"] as const)("%s that throws ends the reply", async (name) => {
    const { baseUrl } = await serveScript(GOOD);
    const cause = new Error("mine");
    const reply = createVllmClient({ ...transport, baseUrl }).chat(PARAMS, {
      [name]: () => {
        throw cause;
      },
    });
    const { error, result } = await collect(reply);
    expect(error).toMatchObject({ code: "INVALID_REQUEST", cause, message: expect.stringContaining(name) });
    expect(result).toBeUndefined();
  });
});

describe.each(transports)("post, %s", (_, transport) => {
  test("gives the JSON of any route", async () => {
    const { baseUrl, bodies } = await serveScript({ body: { data: [] } });
    const client = createVllmClient({ ...transport, baseUrl, apiKey: "sk-1" });
    const heads: ResponseInfo[] = [];
    const body = { model: "m", input: ["a"] };
    expect(await client.post("/v1/embeddings", body, { onResponse: (head) => heads.push(head) })).toEqual({ data: [] });
    expect(bodies).toEqual([body]);
    expect(heads).toMatchObject([{ url: baseUrl.replace("/v1", "/v1/embeddings"), status: 200, requestBody: body }]);
  });

  test("takes an answer that is larger than those of auxiliary routes", async () => {
    const { baseUrl } = await serveScript({ body: { text: "x".repeat(4096) } });
    const limits = { auxiliaryBytes: 1024, answerBytes: 8192 };
    const client = createVllmClient({ ...transport, baseUrl, limits });
    expect(await client.post("/pooling", {})).toEqual({ text: "x".repeat(4096) });
    const strict = createVllmClient({ ...transport, baseUrl, limits: { answerBytes: 1024 } });
    await expect(strict.post("/pooling", {})).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
  });

  test("rejects with the server's refusal, without the values of headers", async () => {
    const { baseUrl } = await serveScript({ status: 401, body: { error: "no sk-two here" } });
    const error: unknown = await createVllmClient({ ...transport, baseUrl })
      .post("/v1/embeddings", {}, { headers: { Authorization: "Bearer sk-two" } })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", status: 401 });
    expect(JSON.stringify(error)).not.toContain("sk-two");
  });

  test("is aborted by its signal", async () => {
    const { baseUrl } = await serveScript({ body: {} });
    const signal = AbortSignal.abort();
    await expect(createVllmClient({ ...transport, baseUrl }).post("/x", {}, { signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  test("refuses options that it does not know", async () => {
    const client = createVllmClient({ ...transport, baseUrl: "http://127.0.0.1:1" });
    const options = { timeoutMs: 5 } as object;
    await expect(client.post("/x", {}, options)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
