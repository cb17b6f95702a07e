import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createVllmClient } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import { afterEach, describe, expect, test } from "vitest";
import { createBridge, type BridgeLogEntry, type BridgeOptions } from "../src/index.ts";
import { startBridge, tearDown } from "./bridge-harness.ts";

const servers: Server[] = [];
afterEach(async () => {
  await tearDown();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const KEYS: BridgeOptions["keys"] = [
  { key: "key-of-team-a", cacheSalt: "salt-of-team-a", priority: 0 },
  { key: "key-of-nights", priority: 10 },
];
const ASK = { model: "m", messages: [{ role: "user", content: "Hello" }] };

/** A bridge in front of a server that keeps the bytes of each POST, and refuses it. */
async function setUp(options: BridgeOptions = {}) {
  const seen: { path: string; authorization: string | undefined; bytes: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request);
    const { url: path = "", headers } = request;
    if (request.method === "POST") seen.push({ path, authorization: headers.authorization, bytes });
    response.writeHead(request.method === "POST" ? 400 : 404, { "content-type": "application/json" });
    response.end('{"error":{"message":"No.","code":400}}');
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const log: BridgeLogEntry[] = [];
  const own = { upstream, apiKey: "key-of-vllm", keys: KEYS, log: (entry: BridgeLogEntry) => void log.push(entry) };
  const bridge = await startBridge({ ...own, ...options });
  const root = bridge.baseUrl?.replace("/v1", "") ?? "";
  const post = async (path: string, key: string, body: string | Uint8Array<ArrayBuffer>) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const { status } = await fetch(root + path, { method: "POST", headers, body });
    await expect.poll(() => log.some((entry) => entry.path === path)).toBe(true);
    return status;
  };
  const bodyOf = (path: string) => {
    const sent = seen.find((each) => each.path === path);
    return JSON.parse(String(sent?.bytes)) as Record<string, unknown>;
  };
  return { seen, log, root, post, bodyOf };
}

describe("a key with settings", () => {
  const rows: [string, object][] = [
    ["/v1/chat/completions", ASK],
    ["/v1/chat/completions", { ...ASK, echo: true }],
    ["/v1/completions", { model: "m", prompt: "Hello" }],
    ["/v1/messages", { ...ASK, max_tokens: 5 }],
    ["/v1/responses", { model: "m", input: "Hello" }],
    ["/v1/embeddings", { model: "m", input: "Hello" }],
    ["/inference/v1/generate", { model: "m", token_ids: [1] }],
  ];
  test.each(rows)(
    "has its fields in the bytes that vLLM gets, whatever the client sends: %s %j",
    async (path, body) => {
      const { post, bodyOf, seen, log } = await setUp();
      await post(path, "key-of-team-a", JSON.stringify({ ...body, cache_salt: "salt-of-another", priority: -100 }));
      expect(bodyOf(path)).toMatchObject({ ...body, cache_salt: "salt-of-team-a", priority: 0 });
      expect(seen.map(({ authorization }) => authorization)).toEqual(seen.map(() => "Bearer key-of-vllm"));
      const changes = log.flatMap((entry) => entry.changes);
      expect(changes).toEqual(expect.arrayContaining(["cache_salt set for this key", "priority set for this key"]));
      expect(JSON.stringify(log)).not.toMatch(/salt-of|key-of/);
    },
  );

  test("cannot be got around by a field that stands there twice", async () => {
    const { post, seen } = await setUp();
    await post("/v1/completions", "key-of-team-a", '{"prompt":"x","cache_salt":"one","cache_salt":"two"}');
    expect(String(seen[0]?.bytes)).toBe('{"prompt":"x","cache_salt":"salt-of-team-a","priority":0}');
  });

  test("sets nothing but what it has, and is one of several", async () => {
    const { post, bodyOf } = await setUp({ key: "key-of-the-owner" });
    await post("/v1/responses", "key-of-nights", JSON.stringify({ input: "Hello", cache_salt: "own" }));
    expect(bodyOf("/v1/responses")).toEqual({ input: "Hello", cache_salt: "own", priority: 10 });
    await post("/v1/completions", "key-of-the-owner", JSON.stringify({ prompt: "Hello" }));
    expect(bodyOf("/v1/completions")).toEqual({ prompt: "Hello" });
    expect(await post("/v1/embeddings", "key-of-nobody", "{}")).toBe(401);
  });

  test("leaves alone what is no JSON object, and what computes nothing", async () => {
    const { post, seen } = await setUp();
    const bytes = new Uint8Array([0, 255, 123, 10]);
    await post("/v1/audio/transcriptions", "key-of-team-a", bytes);
    expect(seen[0]?.bytes).toEqual(Buffer.from(bytes));
    await post("/tokenize", "key-of-team-a", '{"prompt": "Hello"}');
    expect(String(seen[1]?.bytes)).toBe('{"prompt": "Hello"}');
  });

  test("of a dry run: only told", async () => {
    const { post, bodyOf, log } = await setUp({ dryRun: true });
    await post("/v1/chat/completions", "key-of-team-a", JSON.stringify(ASK));
    expect(bodyOf("/v1/chat/completions")).toEqual(ASK);
    expect(log[0]?.changes).toContain("cache_salt set for this key");
  });

  test("is taken by our own client, too, and by x-api-key", async () => {
    const { root, bodyOf, seen } = await setUp();
    const vllm = createVllmClient({ baseUrl: `${root}/v1`, apiKey: "key-of-team-a", retry: { maxRetries: 0 } });
    await expect(vllm.complete({ ...ASK, messages: [{ role: "user", content: "Hello" }] })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
    expect(bodyOf("/v1/chat/completions")).toMatchObject({ cache_salt: "salt-of-team-a", priority: 0 });
    const headers = { "x-api-key": "key-of-nights" };
    await fetch(`${root}/v1/messages`, { method: "POST", headers, body: JSON.stringify(ASK) });
    expect(bodyOf("/v1/messages")).toMatchObject({ priority: 10 });
    expect(JSON.stringify(seen)).not.toContain("key-of-nights");
  });
});

test.each([
  [{ keys: [{ key: "" }] }, /own key is empty.*keys\[0\]/],
  [{ keys: [{ key: "a b" }] }, /holds a blank.*keys\[0\]/],
  [{ keys: [{}] }, /own key is empty.*keys\[0\]/],
  [{ key: "k", keys: [{ key: "k" }] }, /Two keys of the bridge are the same/],
  [{ keys: [{ key: "k", cacheSalt: "" }] }, /cacheSalt of keys\[0\]/],
  [{ keys: [{ key: "k", cacheSalt: "x".repeat(1025) }] }, /cacheSalt of keys\[0\].*openssl rand/],
  [{ keys: [{ key: "k", priority: 0.5 }] }, /priority of keys\[0\]/],
  [{ keys: [{ key: "k" }], open: true }, /to be open/],
  [{ keys: [] }, /for every program and every user/],
])("%j cannot be used", (options, expected) => {
  let error: VllmError | undefined;
  try {
    createBridge({ upstream: "http://127.0.0.1:8000", apiKey: "v", ...(options as BridgeOptions) });
  } catch (thrown) {
    error = thrown as VllmError;
  }
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect(`${error?.message} ${error?.hint}`).toMatch(expected);
});
