import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { failureKinds, startFakeVllm, type Failure, type FailureKind, type FakeVllm } from "./index.ts";

const hello = loadFixture("0.32.0/lab/hello-stream").response.body;
const wholeBody = /\r\n0\r\n\r\n$/;
const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

interface Seen {
  text: string;
  end: "refused" | "closed" | "reset" | "open";
}

/**
 * Sends one chat request over a plain socket and notes every byte and how the connection ended. With `until` it is enough that
 * this text has come and nothing follows for a while: the connection is `open`.
 */
async function talk(server: FakeVllm, until?: RegExp): Promise<Seen> {
  const body = JSON.stringify({ model: "lab/tiny", messages: [{ role: "user", content: "Hello" }], stream: true });
  let text = "";
  const end = await new Promise<Seen["end"]>((resolve) => {
    const socket = connect(server.port, "127.0.0.1");
    let timer: NodeJS.Timeout | undefined;
    const waitOn = () => {
      clearTimeout(timer);
      if (until?.test(text)) timer = setTimeout(() => resolve("open"), 50);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? "refused" : "reset"));
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      waitOn();
    });
    socket.on("end", () => resolve("closed"));
    socket.on("connect", () => {
      waitOn();
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  });
  return { text, end };
}

const start = (fail: Failure | FailureKind) => startFakeVllm({ scenario: "hello-stream", fail });

/** The body without its chunked framing, as far as it came. */
function dechunk(text: string): string {
  let rest = text.slice(text.indexOf("\r\n\r\n") + 4);
  let body = "";
  for (let size = parseInt(rest, 16); size > 0; size = parseInt(rest, 16)) {
    const start = rest.indexOf("\r\n") + 2;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return body;
}

describe.concurrent("failures of the connection", () => {
  test.each<[FailureKind, Seen["end"], RegExp]>([
    ["refuse", "refused", /^$/],
    ["stall-before-headers", "open", /^$/],
    ["close-before-headers", "closed", /^$/],
    ["reset-before-headers", "reset", /^$/],
    ["reset-in-headers", "reset", /^HTTP\/1\.1 200 OK\r\n(?!.*\r\n\r\n)/s],
    ["garbage", "closed", /not HTTP/],
    ["cut-after-bytes", "closed", /^HTTP\/1\.1 200 OK\r\n.*(?<!0\r\n\r\n)$/s],
    ["reset-after-bytes", "reset", /^HTTP\/1\.1 200 OK\r\n.*data: /s],
    ["end-after-bytes", "open", /\r\n0\r\n\r\n$/],
    ["stall", "open", /data: /],
    ["bad-chunked", "closed", /not-a-length/],
    ["short-content-length", "closed", /content-length: \d+\r\n\r\ndata: .*\[DONE\]\n\n$/s],
    ["long-content-length", "closed", /\[DONE\]\n\n$/],
    ["html-502", "open", /^HTTP\/1\.1 502 Bad Gateway\r\n.*<h1>502 Bad Gateway<\/h1>/s],
  ])("%s: %s", async (kind, end, text) => {
    await using server = await start(kind);
    const seen = await talk(server, end === "open" ? text : undefined);
    expect(seen.text).toMatch(text);
    expect(seen.end).toBe(end);
  });

  test("the body breaks after as many bytes as were asked for", async () => {
    await using cutting = await start({ kind: "cut-after-bytes", afterBytes: 300 });
    const seen = await talk(cutting);
    expect(seen.text).toContain(decode(hello.subarray(0, 250)));
    await using stalling = await start({ kind: "stall", afterBytes: 0 });
    const later = await talk(stalling, /\r\n\r\n$/);
    expect(later).toMatchObject({ end: "open" });
    expect(later.text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s);
  });
});

const ask = (server: FakeVllm, path = "/v1/chat/completions", stream = true, signal: AbortSignal | null = null) =>
  fetch(server.serverRoot + path, {
    signal,
    method: path === "/health" ? "GET" : "POST",
    ...(path === "/health"
      ? {}
      : {
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "lab/tiny", messages: [{ role: "user", content: "Hello" }], stream }),
        }),
  });

describe.concurrent("other answers", () => {
  test.each<[FailureKind, number, RegExp]>([
    ["html-200", 200, /<html>/],
    ["empty-200", 200, /^$/],
    ["busy-429", 429, /^$/],
    ["queue-408", 408, /^$/],
    ["no-workers-503", 503, /No available workers/],
  ])("%s", async (kind, status, text) => {
    await using server = await start(kind);
    const response = await ask(server);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(text);
  });

  test("busy-429 says when to come back", async () => {
    await using server = await start("busy-429");
    expect((await ask(server)).headers.get("retry-after")).toBe("1");
  });

  test("gzip is the same body, compressed", async () => {
    await using server = await start("gzip");
    const seen = await talk(server, wholeBody);
    expect(seen.text).toContain("content-encoding: gzip");
    expect(gunzipSync(Buffer.from(dechunk(seen.text), "latin1")).equals(hello)).toBe(true);
  });

  test("drip sends single bytes", async () => {
    await using server = await start("drip");
    const seen = await talk(server, wholeBody);
    expect(dechunk(seen.text)).toBe(decode(hello));
    expect(seen.text.split("\r\n1\r\n").length).toBeGreaterThan(hello.length / 2);
  });

  test("a dead engine ends the stream with an error event, then answers 500 and unhealthy", async () => {
    await using server = await start({ kind: "engine-dies", times: 1 });
    const dying = await (await ask(server)).text();
    expect(dying).toContain('data: {"error": {"message": "EngineCore encountered an issue.');
    expect(dying.endsWith("data: [DONE]\n\n")).toBe(true);
    const refused = await ask(server);
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({ error: { type: "InternalServerError", code: 500 } });
    expect((await ask(server, "/health")).status).toBe(503);
  });
});

describe.concurrent("when it fails", () => {
  test("only as many times as told, then it works", async () => {
    await using server = await start({ kind: "no-workers-503", times: 2 });
    const statuses = [await talk(server, /HTTP/), await talk(server, /HTTP/), await talk(server, /HTTP/)].map((seen) =>
      seen.text.slice(9, 12),
    );
    expect(statuses).toEqual(["503", "503", "200"]);
  });

  test("only on chat completions, unless told otherwise", async () => {
    await using server = await start("no-workers-503");
    expect((await fetch(`${server.baseUrl}/models`)).status).toBe(200);
    server.fail({ kind: "no-workers-503", paths: /models/ });
    expect((await fetch(`${server.baseUrl}/models`)).status).toBe(503);
    expect((await talk(server, /HTTP/)).text).toMatch(/^HTTP\/1\.1 200/);
    server.fail(undefined);
    expect((await fetch(`${server.baseUrl}/models`)).status).toBe(200);
  });

  test("refuse is a killed server: no connection is left, and what heals it listens on the same port", async () => {
    await using server = await startFakeVllm({ scenario: "hello-stream" });
    const kept = connect(server.port, "127.0.0.1");
    const isClosed = new Promise((resolve) => kept.on("error", () => {}).once("close", resolve));
    const head = await new Promise((resolve) => {
      kept.once("data", (piece) => resolve(piece.toString("latin1")));
      kept.write("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
    });
    expect(head).toMatch(/^HTTP\/1\.1 200/);
    server.fail("stall");
    const answer = await ask(server);
    server.fail("refuse");
    await isClosed;
    await expect(answer.text()).rejects.toThrow();
    expect((await talk(server)).end).toBe("refused");
    expect(server.requests.at(-1)).toMatchObject({ finished: true, aborted: false });
    server.fail(undefined);
    expect((await talk(server, wholeBody)).text).toMatch(/^HTTP\/1\.1 200/);
  });

  test("a drip stops when the client leaves", async () => {
    await using server = await startFakeVllm({ scenario: "hello-stream", fail: "drip" });
    const isLeft = new AbortController();
    const answer = await ask(server, undefined, undefined, isLeft.signal);
    const first = await answer.body!.getReader().read();
    isLeft.abort();
    await server.waitUntilIdle();
    // Not even the first read gets far: the bytes leave one by one.
    expect(first.value!.length).toBeLessThan(hello.length / 10);
    expect(server.requests.at(-1)).toMatchObject({ aborted: true });
  });

  test("every kind is known to the server", async () => {
    const kinds = failureKinds.filter((kind) => kind !== "huge-line");
    const texts = await Promise.all(
      kinds.map(async (kind) => {
        await using server = await start(kind);
        return (await talk(server, /^/)).text;
      }),
    );
    expect(texts.filter((text) => text.includes("fake-vllm:"))).toEqual([]);
  });
});
