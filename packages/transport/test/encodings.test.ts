import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import * as zlib from "node:zlib";
import { createFetch } from "@vllm/transport";
import { afterEach, describe, expect, test } from "vitest";

let server: Server | undefined;
afterEach(() => void server?.close());

const TEXT = "Hello, wörld";

/** One answer with these headers, whose connection is closed behind it. */
async function ask(headers: string, body: Uint8Array): Promise<Response> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\nconnection: close\r\n\r\n`);
      socket.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return createFetch({ environment: {} })(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const reject = (headers: string, body: Uint8Array = Buffer.from(TEXT)) =>
  ask(headers, body).then(
    (response) => response.text(),
    (error: unknown) => Promise.reject(error),
  );

describe("content-encoding", () => {
  test.each(["", "identity", "none", "utf-8", "UTF8", "identity, none", " , "])("%j changes nothing", async (name) => {
    expect(await (await ask(`content-encoding: ${name}`, Buffer.from(TEXT))).text()).toBe(TEXT);
  });

  test.each<[string, (text: string) => Uint8Array]>([
    ["gzip", zlib.gzipSync],
    ["x-gzip", zlib.gzipSync],
    ["GZIP", zlib.gzipSync],
    ["gzip, identity", zlib.gzipSync],
    ["identity,gzip", zlib.gzipSync],
    ["deflate", zlib.deflateSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
  ])("%s is undone", async (name, pack) => {
    const response = await ask(`content-encoding: ${name}`, pack(TEXT));
    expect(await response.text()).toBe(TEXT);
    expect(response.headers.has("content-encoding")).toBe(false);
  });

  test.each([
    ["compress", / "compress"\./],
    ["gzip, br", /cannot be undone here\./],
    ["x".repeat(300), /cannot be undone here\./],
  ])("%s is named, with what to do", async (name, words) => {
    await expect(reject(`content-encoding: ${name}`)).rejects.toMatchObject({
      cause: {
        code: "SERVER_UNREACHABLE",
        message: expect.stringMatching(words),
        hint: expect.stringContaining("gzip off"),
      },
    });
  });

  test.each(["gzip", "br", "zstd", "deflate"])("what is not %s is named", async (name) => {
    await expect(reject(`content-encoding: ${name}`)).rejects.toMatchObject({
      cause: { code: "STREAM_MALFORMED", message: expect.stringContaining(`says "${name}"`) },
    });
  });
});

describe("transfer-encoding", () => {
  const chunks = (body: string) => Buffer.from(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);

  test.each(["chunked", "Chunked"])("%s is undone", async (name) => {
    expect(await (await ask(`transfer-encoding: ${name}`, chunks("hello"))).text()).toBe("hello");
  });

  test("identity changes nothing", async () => {
    expect(await (await ask("transfer-encoding: identity", Buffer.from(TEXT))).text()).toBe(TEXT);
  });

  test.each(["gzip, chunked", "chunked, chunked", "chunked, gzip", "gzip", "xchunked"])("%s is named", async (name) => {
    await expect(reject(`transfer-encoding: ${name}`, chunks("hello"))).rejects.toMatchObject({
      cause: {
        code: "SERVER_UNREACHABLE",
        message: expect.stringContaining("a transfer-encoding that cannot be undone here"),
      },
    });
  });
});
