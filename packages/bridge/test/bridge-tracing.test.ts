import { createBridgeFetch } from "@vllm/bridge/fetch";
import { afterEach, describe, expect, test } from "vitest";
import { chatsOf, setUp, startBridge, tearDown } from "./bridge-harness.ts";

afterEach(tearDown);

const TRACE = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=secret-free",
};
const chat = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };
const post = (headers: Record<string, string>, body: object): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

describe("a trace goes on through the bridge", () => {
  test.each([
    ["chat", "/chat/completions", chat],
    ["another route", "/completions", { model: "lab/tiny", prompt: "Hello" }],
  ])("as a server: %s", async (_, path, body) => {
    const { baseUrl, fake } = await setUp();
    await (await fetch(`${baseUrl}${path}`, post(TRACE, body))).text();
    expect(fake.requests.findLast((request) => request.path === `/v1${path}`)?.headers).toMatchObject(TRACE);
  });

  test.each([
    ["chat", "/chat/completions", chat],
    ["another route", "/completions", { model: "lab/tiny", prompt: "Hello" }],
  ])("as a fetch: %s", async (_, path, body) => {
    const { fake } = await setUp();
    await (await createBridgeFetch()(`${fake.baseUrl}${path}`, post(TRACE, body))).text();
    expect(fake.requests.findLast((request) => request.path === `/v1${path}`)?.headers).toMatchObject(TRACE);
  });

  test("which invents none", async () => {
    const { baseUrl, fake } = await setUp();
    await (await fetch(`${baseUrl}/chat/completions`, post({}, chat))).text();
    expect(chatsOf(fake)).toHaveLength(1);
    for (const { headers } of fake.requests) expect(headers).not.toHaveProperty("traceparent");
  });
});

describe("the option logger", () => {
  const recordLines = () => {
    const lines: string[] = [];
    return { lines, logger: { debug: (message: string) => void lines.push(message) } };
  };

  test("of the server gets the requests to vLLM: chats, other routes, probes", async () => {
    const { fake } = await setUp();
    const { lines, logger } = recordLines();
    const bridge = await startBridge({ upstream: fake.baseUrl, logger });
    await (await fetch(`${bridge.baseUrl}/chat/completions`, post({ authorization: "Bearer secret" }, chat))).text();
    await (await fetch(`${bridge.baseUrl}/completions`, post({}, { model: "lab/tiny", prompt: "secret" }))).text();
    const asked = lines.map((line) => line.replace(/^#\d+ /, "").replace(fake.baseUrl, "…"));
    expect(asked).toEqual(expect.arrayContaining(["POST …/chat/completions", "POST …/completions", "GET …/models"]));
    expect(lines.join("\n")).not.toMatch(/secret/);
  });

  test("is told of a query in the upstream's address", async () => {
    const warnings: string[] = [];
    const logger = { warn: (message: string) => void warnings.push(message) };
    await startBridge({ upstream: "http://127.0.0.1:1/v1?token=secret", logger });
    expect(warnings).toEqual([expect.stringMatching(/^The base URL has a query/)]);
  });

  test("of the fetch gets them, too", async () => {
    const { fake } = await setUp();
    const { lines, logger } = recordLines();
    await (await createBridgeFetch({ logger })(`${fake.baseUrl}/chat/completions`, post({}, chat))).text();
    expect(lines.filter((line) => line.endsWith(`POST ${fake.baseUrl}/chat/completions`))).toHaveLength(1);
  });
});
