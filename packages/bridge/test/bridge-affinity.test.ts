import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createBridgeFetch } from "../src/fetch/index.ts";
import type { BridgeOptions } from "../src/index.ts";
import { afterEach, describe, expect, test } from "vitest";
import { startBridge, tearDown } from "./bridge-harness.ts";

const servers: Server[] = [];
afterEach(async () => {
  await tearDown();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const ANSWER = [
  { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }] },
  { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
];

/** What vLLM got with each POST, behind a bridge. */
async function setUp(options: Partial<BridgeOptions> = {}, answerHeaders: Record<string, string> = {}) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    await text(request);
    if (request.method !== "POST" || request.url === "/tokenize") return void response.writeHead(404).end();
    seen.push(request.headers);
    response.writeHead(200, { "content-type": "text/event-stream", ...answerHeaders });
    response.end(`${ANSWER.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const bridge = await startBridge({ upstream, ...options });
  return { seen, upstream, baseUrl: bridge.baseUrl ?? "" };
}

const CHAT = { model: "m", messages: [{ role: "user", content: "Hello" }] };

function post(url: string, body: object, headers: Record<string, string> = {}, send = fetch): Promise<string> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return send(url, { ...init, body: JSON.stringify(body) }).then((response) => response.text());
}

const ids = (seen: IncomingHttpHeaders[]) => seen.map((headers) => headers["x-session-id"]);

describe("a conversation through the bridge", () => {
  test("has the agent's name for it, in a form that every router takes", async () => {
    const { seen, baseUrl } = await setUp();
    const url = `${baseUrl}/chat/completions`;
    await post(url, CHAT, { session_id: "agent-session-1" });
    await post(url, { ...CHAT, prompt_cache_key: "codex-session-1" });
    await post(url, CHAT, { "x-session-id": "mine", "x-claude-code-session-id": "other" });
    expect(ids(seen)).toEqual(["agent-session-1", "codex-session-1", "mine"]);
  });

  test("without a name has one of its own, turn after turn, with and without a stream", async () => {
    const { seen, baseUrl } = await setUp();
    const url = `${baseUrl}/chat/completions`;
    const later = [...CHAT.messages, { role: "assistant", content: "Hi" }, { role: "user", content: "Go on" }];
    await post(url, CHAT);
    await post(url, { ...CHAT, messages: later, stream: true });
    await post(url, { ...CHAT, messages: [{ role: "user", content: "Another" }] });
    const [first, second, other] = ids(seen);
    expect(first).toMatch(/^conversation-[0-9a-f]{16}$/);
    expect([second, other === first]).toEqual([first, false]);
  });

  test("as a fetch, too", async () => {
    const { seen, upstream } = await setUp();
    const send = createBridgeFetch({ upstream });
    await post(`${upstream}/chat/completions`, CHAT, { "session-id": "agent-session-1" }, send);
    await post(`${upstream}/chat/completions`, CHAT, {}, send);
    expect(ids(seen)).toEqual(["agent-session-1", expect.stringMatching(/^conversation-/)]);
  });

  test("on routes that pass through, too, whose bytes stay as they are", async () => {
    const { seen, baseUrl } = await setUp();
    const anthropic = { system: "You code.", messages: CHAT.messages };
    await post(`${baseUrl}/messages`, anthropic, { "x-claude-code-session-id": "claude-session-1" });
    await post(`${baseUrl}/messages`, anthropic);
    await post(`${baseUrl}/responses`, { input: "Hello", prompt_cache_key: "codex-session-1" });
    await post(`${baseUrl}/embeddings`, { input: "Hello", prompt_cache_key: "no-conversation" });
    expect(ids(seen)).toEqual([
      "claude-session-1",
      expect.stringMatching(/^conversation-/),
      "codex-session-1",
      undefined,
    ]);
  });

  test("by the headers that the router reads, with what it wants back", async () => {
    const affinity = { headerNames: ["x-flow"], echo: ["x-session-token"] };
    const { seen, baseUrl } = await setUp({ affinity }, { "x-session-token": "server-7" });
    for (const _ of [1, 2]) await post(`${baseUrl}/chat/completions`, { ...CHAT, prompt_cache_key: "agent-session-1" });
    expect(seen).toMatchObject([{ "x-flow": "agent-session-1" }, { "x-session-token": "server-7" }]);
    expect(ids(seen)).toEqual([undefined, undefined]);
  });

  test("has none where it is switched off, and in a dry run", async () => {
    for (const options of [{ affinity: false as const }, { dryRun: true }]) {
      const { seen, baseUrl } = await setUp(options);
      await post(`${baseUrl}/chat/completions`, CHAT);
      await post(`${baseUrl}/messages`, CHAT);
      expect(ids(seen)).toEqual([undefined, undefined]);
    }
  });
});
