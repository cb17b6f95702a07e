import { once } from "node:events";
import { createServer, request as requestHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { stopClock } from "@vllm-tooling/contract/clock";
import { createControlledStream } from "@vllm-tooling/fake-vllm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { askBridge } from "../src/status/ask-bridge.ts";
import { createBridge } from "../src/index.ts";
import { portOf, post, readEvents, setUp, startBridge, tearDown, textOf } from "./bridge-harness.ts";

afterEach(tearDown);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const knowsProxies = major > 24 || (major === 24 && minor >= 5);

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };

describe("other routes", () => {
  test("are passed through byte for byte, both ways", async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 200, 0]);
    const seen: { method?: string | undefined; url?: string | undefined; raw: string[]; body: Buffer }[] = [];
    const server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      seen.push({ method: request.method, url: request.url, raw: request.rawHeaders, body: Buffer.concat(pieces) });
      response.writeHead(418, "Odd", [
        "X-Odd-Case",
        "1",
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
        "Content-Type",
        "x/y",
      ]);
      response.end(bytes);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const bridge = await startBridge({ upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const answer = await fetch(`${bridge.baseUrl}/audio/transcriptions?a=%20b`, {
      method: "PUT",
      body: bytes,
      headers: { authorization: "Bearer of-the-agent", "x-own": "1" },
    });
    server.close();
    server.closeAllConnections();
    expect([answer.status, answer.statusText, answer.headers.getSetCookie()]).toEqual([418, "Odd", ["a=1", "b=2"]]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    const last = seen.find(({ method }) => method === "PUT");
    expect(last).toMatchObject({ method: "PUT", url: "/v1/audio/transcriptions?a=%20b", body: bytes });
    expect(last?.raw).toEqual(expect.arrayContaining(["Bearer of-the-agent", "x-own"]));
  });

  test("streams too, and a broken one stays broken", async () => {
    const { baseUrl, fake, log } = await setUp();
    const ask = { model: "lab/tiny", prompt: "Hello", stream: true };
    const direct = await raw(`${fake.baseUrl}/completions`, ask);
    expect(await raw(`${baseUrl}/completions`, ask)).toEqual(direct);
    fake.fail({ kind: "cut-after-bytes", paths: /\/v1\/completions/ });
    await expect(raw(`${baseUrl}/completions`, ask)).rejects.toThrow(/terminated/);
    await expect.poll(() => log.map(({ ending }) => ending)).toEqual(["ok", "STREAM_ENDED_EARLY"]);
  });

  test.runIf(knowsProxies)("go through the proxy of the environment, as chats do; loopback never", async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      request.resume();
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "m", max_model_len: 4096 }] }));
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("no_proxy", "");
    try {
      const bridge = await startBridge({ upstream: "http://vllm.invalid:8000" });
      expect((await fetch(`${bridge.baseUrl}/models`)).status).toBe(200);
      expect((await fetch(`${bridge.baseUrl}/embeddings`, { method: "POST", body: "{}" })).status).toBe(200);
      expect(asked).toEqual(
        expect.arrayContaining([
          "GET http://vllm.invalid:8000/v1/models",
          "POST http://vllm.invalid:8000/v1/embeddings",
        ]),
      );
      const { baseUrl } = await setUp();
      const before = asked.length;
      expect((await fetch(`${baseUrl}/models`)).status).toBe(200);
      expect(asked).toHaveLength(before);
    } finally {
      vi.unstubAllEnvs();
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  test("outside /v1 as well", async () => {
    const { baseUrl } = await setUp();
    expect(await (await fetch(baseUrl.replace("/v1", "/version"))).json()).toHaveProperty("version");
  });

  test("the model list has a window in every entry", async () => {
    const { baseUrl } = await setUp();
    const { data } = (await (await fetch(`${baseUrl}/models`)).json()) as {
      data: { id: string; max_model_len: number }[];
    };
    expect(data[0]).toMatchObject({ id: "lab/tiny", max_model_len: 32_768 });
  });

  test("a LoRA in the list gets its base model's window", async () => {
    const list = {
      object: "list",
      data: [
        { id: "base", object: "model", owned_by: "vllm", root: "base", parent: null, max_model_len: 4096 },
        { id: "lora", object: "model", owned_by: "vllm", root: "/lora", parent: "base", max_model_len: null },
      ],
    };
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/v1/models" ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(request.url === "/v1/models" ? list : { detail: "Not Found" }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const bridge = await startBridge({ upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const { data } = (await (await fetch(`${bridge.baseUrl}/models`)).json()) as { data: object[] };
    server.close();
    server.closeAllConnections();
    expect(data).toMatchObject([{ max_model_len: 4096 }, { id: "lora", max_model_len: 4096 }]);
  });
});

describe("who is let in", () => {
  test("loopback only, unless there is a key", () => {
    expect(() => createBridge().listen(0, "0.0.0.0")).toThrow(/open to everyone who reaches 0\.0\.0\.0/);
    expect(() => createBridge().listen({ port: 0, host: "::" })).toThrow(/open to everyone/);
  });

  test.each([[[0]], [["0"]], [[]], [[{ port: 0 }]], [[0, undefined]]])("listen(%j) is on 127.0.0.1", async (given) => {
    const bridge = createBridge({ upstream: "http://127.0.0.1:1" });
    (bridge.listen as (...words: unknown[]) => void)(...given);
    await once(bridge, "listening");
    expect((bridge.address() as AddressInfo).address).toBe("127.0.0.1");
    bridge.close();
  });

  test("with a key: those that send it; vLLM does not see it", async () => {
    const { baseUrl, chats } = await setUp({}, { key: "bridge-secret" });
    for (const headers of [{}, { authorization: "Bearer other" }, { authorization: "bridge-secret" }]) {
      const { status, text } = await post(baseUrl, ASK, headers as Record<string, string>);
      expect(status).toBe(401);
      expect(text).not.toContain("bridge-secret");
    }
    expect((await fetch(`${baseUrl}/models`)).status).toBe(401);
    expect((await post(baseUrl, ASK, { authorization: "Bearer bridge-secret" })).status).toBe(200);
    expect(chats()).toHaveLength(1);
    expect(JSON.stringify(chats()[0]?.headers)).not.toContain("bridge-secret");
  });

  test("no web page: neither by its origin nor by a name of its own", async () => {
    const { baseUrl, bridge, chats } = await setUp();
    const { status, headers } = await post(baseUrl, ASK, { origin: "http://evil.example" });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([403, null]);
    const outgoing = requestHttp({
      port: portOf(bridge),
      path: "/v1/models",
      headers: { host: "evil.example:8010" },
    }).end();
    const [answer] = (await once(outgoing, "response")) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(403);
    expect(chats()).toEqual([]);
  });
});

describe("a web page that was allowed", () => {
  const origin = "http://localhost:5173";

  test("may ask and read; no other may", async () => {
    const { baseUrl, fake } = await setUp({}, { allowOrigins: [origin] });
    const answer = await post(baseUrl, ASK, { origin });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    // vLLM says that everybody may read; the bridge does not pass that on.
    const models = await fetch(`${baseUrl}/models/lab`, { headers: { origin } });
    expect(models.headers.get("access-control-allow-origin")).toBe(origin);
    expect((await post(baseUrl, ASK, { origin: "http://evil.example" })).status).toBe(403);
    expect(fake.requests.some(({ method }) => method === "OPTIONS")).toBe(false);
  });

  test("asks first without a key; what it then sends needs one", async () => {
    const { baseUrl } = await setUp({}, { allowOrigins: [origin], key: "bridge-secret" });
    const preflight = (from: string) =>
      fetch(`${baseUrl}/chat/completions`, {
        method: "OPTIONS",
        headers: {
          origin: from,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization, content-type",
        },
      });
    const answer = await preflight(origin);
    expect([answer.status, answer.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "authorization, content-type",
    ]);
    const refused = await preflight("http://evil.example");
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    expect((await post(baseUrl, ASK, { origin })).status).toBe(401);
    expect((await post(baseUrl, ASK, { origin, authorization: "Bearer bridge-secret" })).status).toBe(200);
  });
});

describe("limits", () => {
  test("a body that is too large, is no JSON, or no object", async () => {
    const { baseUrl } = await setUp({}, { maxBodyBytes: 1000 });
    const send = async (body: string) => {
      const answer = await fetch(`${baseUrl}/chat/completions`, { method: "POST", body });
      return [answer.status, ((await answer.json()) as { error: { message: string } }).error.message] as const;
    };
    expect(await send(JSON.stringify({ ...ASK, pad: "x".repeat(1000) }))).toEqual([
      413,
      expect.stringContaining("maxBodyBytes"),
    ]);
    expect(await send("{")).toEqual([400, expect.stringContaining("is not JSON")]);
    expect(await send("[]")).toEqual([400, expect.stringContaining("is not a JSON object")]);
    expect(await send("{}")).toEqual([400, expect.stringContaining("messages")]);
  });

  test("headers that are too large", async () => {
    const { baseUrl } = await setUp();
    expect((await fetch(`${baseUrl}/models`, { headers: { "x-pad": "x".repeat(40_000) } })).status).toBe(431);
  });

  test("requests at the same time", async () => {
    const stream = createControlledStream();
    const { baseUrl } = await setUp({ scenario: stream }, { maxConcurrent: 1 });
    const first = post(baseUrl, { ...ASK, stream: true });
    await stream.opened;
    const { status, headers, text } = await post(baseUrl, ASK);
    expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
    expect(text).toMatch(/rate limit/i);
    expect(await askBridge({ baseUrl })).toMatchObject({ upstreamState: "ready", running: 1 });
    const withLogin = baseUrl.replace("://", "://me:secret@");
    expect(await askBridge({ baseUrl: withLogin })).toMatchObject({ upstreamState: "ready", running: 1 });
    stream.destroy();
    await first;
    expect((await fetch(`${baseUrl}/models`)).status).toBe(200);
  });
});

describe("stopping", () => {
  test("lets a running answer finish", async () => {
    const stream = createControlledStream();
    const { baseUrl, bridge } = await setUp({ scenario: stream });
    const answering = post(baseUrl, { ...ASK, stream: true });
    await stream.opened;
    bridge.close();
    const closed = once(bridge, "close");
    stream.writeEvent(chunk({ role: "assistant", content: "Done" }, "stop"));
    stream.write("data: [DONE]\n\n");
    stream.end();
    expect(textOf(readEvents((await answering).text))).toBe("Done");
    await closed;
    await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
  });

  test("ends one that takes too long, with an error", async () => {
    const stream = createControlledStream();
    const { baseUrl, bridge } = await setUp({ scenario: stream }, { stopMs: 100 });
    using clock = stopClock();
    const answering = post(baseUrl, { ...ASK, stream: true });
    await stream.opened;
    stream.writeEvent(chunk({ role: "assistant", content: "Half" }));
    bridge.close();
    const events = readEvents((await clock.passUntil(answering, 1)).text);
    expect(textOf(events)).toBe("Half");
    expect(events.at(-1)?.error?.message).toMatch(/stopped/);
    expect(await stream.closed).toBe("client-left");
  });
});

test("the log tells what happened and holds neither prompt nor answer nor key", async () => {
  const { baseUrl, log } = await setUp({ scenario: "tool-one" });
  const messages = [{ role: "user", content: "prompt-secret" }];
  await post(baseUrl, { ...ASK, messages, store: false, stream: true }, { authorization: "Bearer key-secret" });
  expect(log).toMatchObject([
    { method: "POST", path: "/v1/chat/completions", status: 200, changes: ["store removed"] },
  ]);
  expect(log[0]!.firstTokenMs).toBeLessThanOrEqual(log[0]!.durationMs);
  expect(JSON.stringify(log)).not.toMatch(/prompt-secret|key-secret|Paris|weather/);
});

async function raw(url: string, body: object): Promise<Buffer> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return Buffer.from(await answer.arrayBuffer());
}

function chunk(delta: object, finish: string | null = null): object {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "lab/tiny", choices };
}
