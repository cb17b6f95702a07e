import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { portOf, setUp, startBridge, tearDown } from "./bridge-harness.ts";
import { sendRaw } from "./raw-request.ts";

afterEach(tearDown);

/** A server that answers every path, and what it was asked with vLLM's key. */
async function startRecorder() {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    if (request.headers["x-test"] !== undefined) asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.end("reached");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { asked, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const OUTWARD = [
  "/../admin",
  "/v1/../admin",
  "/v1/../../admin",
  "/v1/models/../../../admin",
  "/v1/..",
  "/..",
  "/v1/models/..?x=1",
  "/%2e%2e/admin",
  "/%2E%2E/admin",
  "/.%2e/admin",
  "/%2E./admin",
  "/v1/%2e%2e/%2e%2e/admin",
  "/..%2fadmin",
  "/..%2Fadmin",
  "/..%5cadmin",
  "/%2e%2e%2fadmin",
  "/v1%2f..%2fadmin",
  "/v1/models/x%2f..%2f..%2f..%2fadmin",
  "/..\\admin",
  "\\..\\admin",
  "/\\..\\admin",
  "/v1\\..\\..\\admin",
  "/v1\\models",
  "/%252e%252e/admin",
  "/%25252e%25252e/admin",
  "/..%252fadmin",
  "/%25%32%65%25%32%65/admin",
  `/%${"25".repeat(40)}2e/admin`,
  "/..;/admin",
  "/..;a=b/admin",
  "/v1/..%3b/admin",
  "/%2e%2e;x/admin",
  "/..%3Ba=b%2fadmin",
  "/..%20/admin",
  "/..%00/admin",
  "/..%0d%0a/admin",
  "/v1/models%0d%0ax-injected:%201",
  "/%c0%ae%c0%ae/admin",
  "/..%c0%afadmin",
  "/%u002e%u002e/admin",
  "/%%32e%%32e/admin",
  "/v1/%",
  "//evil.example/admin",
  "///admin",
  "/%2fevil.example/admin",
  "/\\evil.example/admin",
  "/v1/models#/../../admin",
  "/#/admin",
];

const TARGETS_THAT_ARE_NO_PATHS = [
  "http://evil.example/admin",
  "https://evil.example/admin",
  "*",
  "evil.example:80",
  "?x=1",
];

const WITHIN = [
  "/version",
  "/?x=1",
  "/?",
  "/v1",
  "/v1?x=1",
  "/v1/models/Qwen/Qwen3-8B",
  "/v1/models/Qwen%2FQwen3-8B",
  "/v1/models/.%2Fllama",
  "/v1/models/a..b",
  "/v1/models/...",
  "/v1/models/100%25",
  "/v1/models/org%20name;v=1",
  "/v1/models/m%C3%BCller",
  "/v1//models/x",
  "/v1/models/x/",
  "/v1/responses/resp_1?after=../..&x=%2e%2e%2f\u0021",
  "/v1/files?path=http://x/../y",
];

describe.each(["", "/v1", "/team-a", "/team-a/v1", "/team-a/vllm/v1"])("an upstream at %j", (path) => {
  const root = path.replace(/\/v1$/, "");

  test("is never left, whatever a request line says", async () => {
    const { asked, origin, close } = await startRecorder();
    const bridge = await startBridge({ upstream: origin + path, apiKey: "vllm-secret", open: true });
    for (const target of [...OUTWARD, ...TARGETS_THAT_ARE_NO_PATHS]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const length = method === "POST" ? { "content-length": "0" } : {};
        const { status, text } = await sendRaw(portOf(bridge), `${method} ${target}`, { "x-test": "1", ...length });
        expect([target, status]).toEqual([target, 400]);
        expect(text).not.toContain("reached");
      }
    }
    close();
    expect(asked).toEqual([]);
  });

  test("gets every other target byte for byte", async () => {
    const { asked, origin, close } = await startRecorder();
    const bridge = await startBridge({ upstream: origin + path, apiKey: "vllm-secret", open: true });
    for (const target of WITHIN) {
      const { status } = await sendRaw(portOf(bridge), `GET ${target}`, { "x-test": "1" });
      expect([target, status]).toEqual([target, 200]);
    }
    close();
    expect(asked).toEqual(WITHIN.map((target) => `GET ${root}${target}`));
  });
});

test("the sentence says what to send instead", async () => {
  const { bridge } = await setUp();
  const { text } = await sendRaw(portOf(bridge), "GET /v1/%2e%2e/admin");
  expect(text).toContain(
    "The request's path leads out of the upstream's, or could be read so. Send a plain path such as /v1/models: no `..` segment, however it is encoded, and no backslash.",
  );
});

test("CONNECT is no way through", async () => {
  const { bridge, fake } = await setUp();
  const { text } = await sendRaw(portOf(bridge), "CONNECT evil.example:443");
  expect(text).toBe("");
  expect(fake.requests.filter(({ method }) => method === "CONNECT")).toEqual([]);
});

test("a proxy's password may be anything", async () => {
  vi.stubEnv("http_proxy", "http://me:100%@127.0.0.1:9");
  vi.stubEnv("HTTPS_PROXY", "http://me:%ff%@127.0.0.1:9");
  try {
    const bridge = await startBridge({ upstream: "http://vllm.invalid:8000" });
    expect(bridge.upstreamUrl).toBe("http://vllm.invalid:8000/v1");
  } finally {
    vi.unstubAllEnvs();
  }
});
