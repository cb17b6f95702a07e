import { VllmError } from "@vllm/schema";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { BridgeOptions } from "../src/index.ts";
import { createBridge } from "../src/index.ts";
import { chatsOf, portOf, post, setUp, startBridge, tearDown } from "./bridge-harness.ts";
import { sendRaw } from "./raw-request.ts";

afterEach(async () => {
  vi.unstubAllEnvs();
  await tearDown();
});

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };
const UPSTREAM = "http://127.0.0.1:1";

function refusalOf(options: BridgeOptions): VllmError {
  try {
    createBridge(options);
  } catch (error) {
    if (VllmError.isInstance(error)) return error;
  }
  throw new Error("The bridge was created.");
}

describe("a bridge that holds vLLM's key", () => {
  test.each<[BridgeOptions, Record<string, string>, RegExp]>([
    [{ upstream: UPSTREAM, apiKey: "vllm-secret" }, {}, /would send its API key to vLLM for every program/],
    [{ upstream: UPSTREAM }, { VLLM_API_KEY: "vllm-secret" }, /would send the key in VLLM_API_KEY to vLLM/],
    [{ upstream: "http://me:vllm-secret@127.0.0.1:1" }, {}, /the user name and password of its address/],
    [{ upstream: "http://me:100%@127.0.0.1:1" }, {}, /the user name and password of its address/],
    [{}, { VLLM_BASE_URL: "http://:vllm-secret@127.0.0.1:1" }, /the user name and password of its address/],
    [{ upstream: UPSTREAM, apiKey: "vllm-secret", allowOrigins: ["http://localhost:5173"] }, {}, /its API key/],
    [{ upstream: UPSTREAM, apiKey: "vllm-secret", open: false }, {}, /its API key/],
  ])("%j %j: asks for one of its own, or open", (options, environment, message) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const error = refusalOf(options);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/key: "…".*VLLM_BRIDGE_KEY.*open: true.*--open/);
    expect(JSON.stringify(error) + error.message + error.hint).not.toContain("vllm-secret");
  });

  test("serves those who send the bridge's key, in either header, and nobody else; vLLM never sees it", async () => {
    const { baseUrl, bridge, fake } = await setUp(
      { apiKey: "vllm-secret" },
      { apiKey: "vllm-secret", key: "own-secret" },
    );
    const seen = () => chatsOf(fake).length;
    for (const headers of [
      {},
      { authorization: "Bearer vllm-secret" },
      { authorization: "Bearer own-secre" },
      { authorization: "Bearer own-secret2" },
      { authorization: "Basic own-secret" },
      { "x-api-key": "vllm-secret" },
      { cookie: "own-secret" },
    ] as Record<string, string>[]) {
      const { status, text, headers: answered } = await post(baseUrl, ASK, headers);
      expect([status, answered.get("www-authenticate")]).toEqual([401, 'Bearer realm="vllm-bridge"']);
      expect(text).not.toMatch(/own-secret|vllm-secret/);
    }
    for (const path of ["/v1/models", "/version", "/metrics", "/vllm-bridge", "/v1/embeddings"]) {
      for (const method of ["GET", "POST", "OPTIONS", "HEAD", "DELETE"])
        expect((await sendRaw(portOf(bridge), `${method} ${path}`)).status).toBe(401);
    }
    expect(seen()).toBe(0);
    expect((await post(baseUrl, ASK, { authorization: "Bearer own-secret" })).status).toBe(200);
    expect((await post(baseUrl, ASK, { "x-api-key": "own-secret" })).status).toBe(200);
    const other = { "x-api-key": "own-secret", "api-key": "own-secret" };
    await fetch(`${baseUrl}/embeddings`, { method: "POST", body: "{}", headers: other });
    await fetch(`${baseUrl}/models`, { headers: other });
    expect(seen()).toBe(2);
    expect(JSON.stringify(fake.requests.map(({ headers }) => headers))).not.toContain("own-secret");
  });

  test("serves everyone when it is open, and still no web page and no other machine", async () => {
    const { baseUrl, fake } = await setUp({ apiKey: "vllm-secret" }, { apiKey: "vllm-secret", open: true });
    expect((await post(baseUrl, ASK)).status).toBe(200);
    expect((await post(baseUrl, ASK, { authorization: "Bearer of-the-client" })).status).toBe(200);
    expect((await post(baseUrl, ASK, { origin: "http://evil.example" })).status).toBe(403);
    expect(JSON.stringify(fake.requests.map(({ headers }) => headers))).not.toContain("of-the-client");
    const open = createBridge({ upstream: fake.baseUrl, apiKey: "vllm-secret", open: true });
    expect(() => open.listen(0, "0.0.0.0")).toThrow(/open to everyone who reaches 0\.0\.0\.0/);
  });
});

describe("a bridge that holds none", () => {
  test.each([{}, { apiKey: "" }, { apiKey: " \n" }, { open: true }])(
    "%j: passes each client's own key on",
    async (options) => {
      const { baseUrl, chats } = await setUp({ apiKey: "right" }, options);
      expect((await post(baseUrl, ASK)).status).toBe(401);
      expect((await post(baseUrl, ASK, { authorization: "Bearer right", "x-api-key": "of-the-client" })).status).toBe(
        200,
      );
      expect(chats().at(-1)?.headers).toMatchObject({ authorization: "Bearer right", "x-api-key": "of-the-client" });
    },
  );

  test("an empty key is none, whatever VLLM_API_KEY says", async () => {
    vi.stubEnv("VLLM_API_KEY", "of-another-server");
    const { baseUrl, chats } = await setUp({}, { apiKey: "", key: "own" });
    expect((await post(baseUrl, ASK, { authorization: "Bearer own" })).status).toBe(200);
    expect(chats().at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test("says nothing of a key of its own when vLLM refuses the client's", async () => {
    const { baseUrl } = await setUp({ apiKey: "right" });
    expect((await post(baseUrl, ASK)).headers.get("www-authenticate")).toBeNull();
  });
});

test.each(["", " ", "two words", "schlüssel", "a\nb"])("a key that no client could send is refused: %j", (key) => {
  const error = refusalOf({ upstream: UPSTREAM, key });
  expect(error).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("VLLM_BRIDGE_KEY") });
  expect(error.message).toMatch(/The bridge's own key (is empty|holds a blank)/);
});

test("a key with a line break around it is the key without", async () => {
  const { baseUrl } = await setUp({}, { key: "own-secret\n" });
  expect((await post(baseUrl, ASK, { authorization: "Bearer own-secret" })).status).toBe(200);
});

test("a key and open contradict each other", () => {
  expect(refusalOf({ upstream: UPSTREAM, key: "own-secret", open: true }).message).toMatch(
    /has a key .* and is to be open/,
  );
});

test("a password with a stray % reaches vLLM as it was written, and the address is shown without it", async () => {
  const { fake } = await setUp();
  const upstream = fake.baseUrl.replace("http://", "http://me:100%@");
  const bridge = await startBridge({ upstream, key: "own-secret" });
  const headers = { authorization: "Bearer own-secret" };
  expect(bridge.upstreamUrl).toBe(fake.baseUrl);
  await post(bridge.baseUrl ?? "", ASK, headers);
  for (const path of ["/models", "/embeddings"]) await fetch(`${bridge.baseUrl}${path}`, { headers });
  const basic = `Basic ${btoa("me:100%")}`;
  const asked = fake.requests.filter((request) => request.headers["authorization"] === basic).map(({ path }) => path);
  expect(asked).toEqual(expect.arrayContaining(["/v1/models", "/v1/embeddings", "/v1/chat/completions"]));
});
