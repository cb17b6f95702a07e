import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { execFile } from "node:child_process";
import { networkInterfaces } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { stopClock } from "@vllm-tooling/contract/clock";
import { loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient } from "@vllm/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "@vllm-tooling/fake-vllm";

const PARAMS = { model: "tiny", messages: [{ role: "user" as const, content: "hello" }] };
const HELLO = "\n\nHello there! How can I help you today?";
const { chunks } = loadFixture("0.32.0/hermes-qwen3/hello-stream").response;

const servers: Server[] = [];
const sockets = new Set<Socket>();
beforeEach(() => {
  for (const name of ["http_proxy", "https_proxy", "no_proxy"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toUpperCase(), undefined);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen<Kind extends Server>(server: Kind, host = "127.0.0.1"): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

function answerHello(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const chunk of chunks) response.write(chunk);
    response.end();
  });
}

describe("connections", () => {
  test("are used again, one after another and side by side", async () => {
    let connections = 0;
    const server = createHttpServer(answerHello).on("connection", () => (connections += 1));
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}` });
    for (let turn = 0; turn < 5; turn += 1) expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect(connections).toBe(1);
    await Promise.all(Array.from({ length: 4 }, () => client.complete(PARAMS)));
    expect(connections).toBe(4);
    await Promise.all(Array.from({ length: 4 }, () => client.complete(PARAMS)));
    expect(connections).toBe(4);
  });

  test("an idle one that the server has closed is replaced without a word", async () => {
    const seen: Socket[] = [];
    const server = createHttpServer(answerHello).on("connection", (socket) => void seen.push(socket));
    const client = createVllmClient({
      baseUrl: `http://127.0.0.1:${await listen(server)}`,
      retry: { maxRetries: 0 },
    });
    await client.complete(PARAMS);
    seen[0]?.destroy();
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Closed at the very moment the next request is sent.
    const next = client.complete(PARAMS);
    seen[1]?.resetAndDestroy();
    expect((await next).text).toBe(HELLO);
    expect(seen).toHaveLength(3);
  });

  test("an idle one keeps nothing of the request that opened it", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    let connections = 0;
    const server = createHttpServer(answerHello).on("connection", () => (connections += 1));
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}` });
    const result = await (async () => new WeakRef(await client.complete(PARAMS)))();
    for (let turn = 0; turn < 20 && result.deref() !== undefined; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
    expect(result.deref()).toBeUndefined();
    await client.complete(PARAMS);
    expect(connections).toBe(1);
  });

  test("after an abort, none is left open", async () => {
    const server = createHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunks[0]);
    });
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}` });
    for await (const _ of client.chat(PARAMS)) break;
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("one whose server answered before it had read the request is not used again", async () => {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections += 1;
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
      });
    });
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}` });
    const large = { ...PARAMS, messages: [{ role: "user" as const, content: "x".repeat(20_000_000) }] };
    await expect(client.complete(large)).rejects.toMatchObject({ code: "INVALID_REQUEST", status: 413 });
    await expect(client.complete(PARAMS)).rejects.toMatchObject({ status: 413 });
    expect(connections).toBe(2);
  });

  test("idle ones do not keep a program alive", async () => {
    // A server closes an idle connection after 5 s; this one never does.
    const port = await listen(createHttpServer({ keepAliveTimeout: 0 }, answerHello));
    const program = `
      import { createVllmClient } from "@vllm/client";
      const client = createVllmClient({ baseUrl: "http://127.0.0.1:${port}" });
      console.log((await client.complete({ model: "tiny", messages: [] })).text.trim());`;
    const output = await new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        ["--conditions=@vllm/source", "--input-type=module", "--eval", program],
        { cwd: import.meta.dirname },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
      );
    });
    expect(output.trim()).toBe(HELLO.trim());
    // The server never closes it: the end of the program did.
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("that are never made end by the limit for connecting", async () => {
    // TCP is accepted, and TLS never answered.
    const port = await listen(createTcpServer((socket) => void socket.resume()));
    const client = createVllmClient({ baseUrl: `https://127.0.0.1:${port}`, timeouts: { connectMs: 150 } });
    using clock = stopClock();
    const ending = clock.passUntil(client.complete(PARAMS), 10);
    await expect(ending).rejects.toMatchObject({ code: "SERVER_UNREACHABLE", reason: "timeout" });
    // The default is 10 s.
    expect(clock.elapsedMs).toBeLessThan(5000);
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("headers that would break the request are refused, and their values not shown", async () => {
    const client = createVllmClient({ baseUrl: "http://127.0.0.1:1" });
    for (const headers of [
      { "x-a": "secret\r\nx-b: 1" },
      { "x a": "secret" },
      { "x-a": "sécret" },
      { host: "secret" },
    ]) {
      const error: unknown = await client
        .chat(PARAMS, { headers })
        .result()
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "CONFIG_INVALID" });
      expect(JSON.stringify(error)).not.toContain("cret");
    }
  });

  test("read into one buffer, and never see each other's bytes", async () => {
    const zlib = await import("node:zlib");
    const event = (text: string) =>
      `data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\n\n`;
    const answers: Record<string, (text: string) => [status: number, type: string, body: Buffer]> = {
      stream: (text) => [200, "text/event-stream", Buffer.from(event(text))],
      gzip: (text) => [200, "text/event-stream", zlib.gzipSync(event(text))],
      json: (text) => [
        200,
        "application/json",
        Buffer.from(`{"choices":[{"message":{"content":"${text}"},"finish_reason":"stop"}]}`),
      ],
      error: (text) => [400, "application/json", Buffer.from(`{"error":{"message":"no ${text}","code":400}}`)],
    };
    const open: { response: ServerResponse; body: Buffer }[] = [];
    const server = createHttpServer((request, response) => {
      request.resume();
      const [kind, text] = String(request.headers["x-kind"]).split(" ") as [string, string];
      const [status, type, body] = answers[kind]!(text);
      response.writeHead(status, { "content-type": type, ...(kind === "gzip" ? { "content-encoding": "gzip" } : {}) });
      open.push({ response, body });
      if (open.length === kinds.length) writeInTurn(0);
    });
    // A byte of each answer in turn, so that every read is another connection's.
    const writeInTurn = (at: number): void => {
      for (const { response, body } of open) {
        if (at < body.length) response.write(body.subarray(at, at + 1));
        else response.end();
      }
      if (open.some(({ body }) => at < body.length)) setImmediate(writeInTurn, at + 1);
    };
    const port = await listen(server);
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${port}`, retry: { maxRetries: 0 } });
    const kinds = Object.keys(answers).flatMap((kind) => [`${kind} ${"a".repeat(40)}`, `${kind} ${"b".repeat(60)}`]);
    const replies = kinds.map((kind) =>
      client.chat({ ...PARAMS, stream: !kind.startsWith("json") }, { headers: { "x-kind": kind } }).result(),
    );
    const said = (await Promise.allSettled(replies)).map((settled) =>
      settled.status === "fulfilled" ? settled.value.text : (settled.reason as Error).message,
    );
    for (const [index, kind] of kinds.entries()) expect(said[index]).toContain(kind.split(" ")[1]);
  });

  test("content encodings that nobody asked for are undone", async () => {
    const zlib = await import("node:zlib");
    const body = Buffer.concat(chunks);
    const encodings = { gzip: zlib.gzipSync(body), deflate: zlib.deflateSync(body), br: zlib.brotliCompressSync(body) };
    for (const [encoding, bytes] of Object.entries(encodings)) {
      const server = createHttpServer((request, response) => {
        request.resume();
        response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding });
        response.end(bytes);
      });
      const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}` });
      expect((await client.complete(PARAMS)).text).toBe(HELLO);
      expect((await client.complete(PARAMS)).text).toBe(HELLO);
    }
    const server = createHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-encoding": "rot13" });
      response.end("x");
    });
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${await listen(server)}`, retry: { maxRetries: 0 } });
    await expect(client.complete(PARAMS)).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
  });
});

describe("TLS", () => {
  const startTls = () => listen(createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, answerHello));

  test("a certificate of one's own authority is trusted with tls.ca", async () => {
    const client = createVllmClient({ baseUrl: `https://localhost:${await startTls()}`, tls: { ca: TEST_AUTHORITY } });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
  });

  test("without it, the error says what to set, and nothing is sent again", async () => {
    const client = createVllmClient({ baseUrl: `https://localhost:${await startTls()}` });
    await expect(client.complete(PARAMS)).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      reason: "tls",
      hint: expect.stringContaining("tls.ca"),
      isRetryable: false,
    });
  });

  test("a certificate for another name needs tls.servername", async () => {
    const port = await startTls();
    const tls = { ca: [TEST_AUTHORITY] };
    await expect(
      createVllmClient({ baseUrl: `https://127.0.0.1:${port}`, tls }).complete(PARAMS),
    ).rejects.toMatchObject({ reason: "tls", hint: expect.stringContaining("tls.servername") });
    const client = createVllmClient({ baseUrl: `https://127.0.0.1:${port}`, tls: { ...tls, servername: "gpu.test" } });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
  });

  test("a server may ask for a certificate", async () => {
    const server = createTlsServer(
      { key: TEST_KEY, cert: TEST_CERTIFICATE, ca: TEST_AUTHORITY, requestCert: true, rejectUnauthorized: true },
      answerHello,
    );
    const tls = { ca: TEST_AUTHORITY, cert: TEST_CERTIFICATE, key: TEST_KEY };
    const client = createVllmClient({ baseUrl: `https://localhost:${await listen(server)}`, tls });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
  });

  test("https:// to a server that speaks http:// says so", async () => {
    const port = await listen(createHttpServer(answerHello));
    await expect(createVllmClient({ baseUrl: `https://localhost:${port}` }).complete(PARAMS)).rejects.toMatchObject({
      reason: "tls",
      hint: expect.stringContaining("http://"),
    });
  });

  test("is not for a fetch of one's own", () => {
    expect(() => createVllmClient({ fetch: globalThis.fetch as never, tls: { ca: TEST_AUTHORITY } })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

describe("proxies", () => {
  /** A proxy that knows the server's name, as a company's would. */
  async function startProxy(targetPort: number) {
    const seen: string[] = [];
    const proxy = createHttpServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
      answerHello(request, response);
    });
    proxy.on("connect", (request, client: Socket, head: Buffer) => {
      seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
      if (request.url === "forbidden.test:443") {
        client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      const upstream = connect(targetPort, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
    });
    return { port: await listen(proxy), seen };
  }

  test("HTTP_PROXY gets the whole address of an http server", async () => {
    const proxy = await startProxy(0);
    vi.stubEnv("HTTP_PROXY", `http://me:secret@127.0.0.1:${proxy.port}`);
    const client = createVllmClient({ baseUrl: "http://gpu.test:8000/v1" });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect(proxy.seen).toEqual([`POST http://gpu.test:8000/v1/chat/completions Basic ${btoa("me:secret")}`]);
  });

  test("HTTPS_PROXY opens a tunnel to an https server, whose certificate still counts", async () => {
    const target = await listen(createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, answerHello));
    const proxy = await startProxy(target);
    vi.stubEnv("https_proxy", `127.0.0.1:${proxy.port}`);
    const client = createVllmClient({ baseUrl: "https://gpu.test/v1", tls: { ca: TEST_AUTHORITY } });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
    expect(proxy.seen).toEqual(["CONNECT gpu.test:443 -"]);
    const wrong = createVllmClient({ baseUrl: "https://other.test/v1", tls: { ca: TEST_AUTHORITY } });
    await expect(wrong.complete(PARAMS)).rejects.toMatchObject({ reason: "tls" });
  });

  test("a proxy that refuses, or is not there, is named as such", async () => {
    const proxy = await startProxy(0);
    vi.stubEnv("https_proxy", `http://127.0.0.1:${proxy.port}`);
    const refused = createVllmClient({ baseUrl: "https://forbidden.test/v1" });
    await expect(refused.complete(PARAMS)).rejects.toMatchObject({ code: "SERVER_UNREACHABLE", reason: "proxy" });
    vi.stubEnv("http_proxy", "http://127.0.0.1:1");
    const absent = createVllmClient({ baseUrl: "http://gpu.test/v1" });
    await expect(absent.complete(PARAMS)).rejects.toMatchObject({
      reason: "proxy",
      hint: expect.stringContaining("HTTP_PROXY"),
    });
  });

  test("loopback goes straight", async () => {
    const port = await listen(createHttpServer(answerHello));
    vi.stubEnv("http_proxy", "http://127.0.0.1:1");
    const client = createVllmClient({ baseUrl: `http://127.0.0.1:${port}` });
    expect((await client.complete(PARAMS)).text).toBe(HELLO);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

  test.runIf(address !== undefined)("what NO_PROXY names goes straight, and nothing else", async () => {
    const port = await listen(createHttpServer(answerHello), "0.0.0.0");
    const proxy = await startProxy(0);
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${proxy.port}`);
    const ask = () => createVllmClient({ baseUrl: `http://${address}:${port}` }).complete(PARAMS);
    expect((await ask()).text).toBe(HELLO);
    expect(proxy.seen).toHaveLength(1);
    vi.stubEnv("NO_PROXY", `gpu.test,${address}`);
    expect((await ask()).text).toBe(HELLO);
    expect(proxy.seen).toHaveLength(1);
  });
});
