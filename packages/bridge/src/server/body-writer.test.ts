import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createBodyWriter } from "./body-writer.ts";

const HEAD = { "content-type": "text/plain" };
let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function serve(answer: RequestListener): Promise<number> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What comes back for these bytes, until the server closes or `isEnough`. */
async function exchange(port: number, bytes: string, isEnough = (_seen: string) => false): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.write(bytes);
  let seen = "";
  for await (const piece of socket) {
    seen += piece;
    if (isEnough(seen)) break;
  }
  return seen;
}

describe("the same body as response.write", () => {
  test("whatever the pieces are and wherever the turns end", async () => {
    let turns: string[][] = [];
    const port = await serve(async (request, response) => {
      const writer = createBodyWriter(response, HEAD);
      response.setHeader("x-count", String(turns.length));
      for (const pieces of turns) {
        for (const piece of pieces) await writer.write(piece);
        await turn();
      }
      writer.end();
      request.resume();
    });
    const pieces = fc.array(fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        turns = given;
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        const text = given.flat().join("");
        expect(await answer.text()).toBe(text);
        if (text !== "") expect(answer.headers.get("content-type")).toBe("text/plain");
      }),
      { numRuns: 60 },
    );
  });

  test("HTTP/1.0, which knows no chunks", async () => {
    const port = await serve(async (_request, response) => {
      const writer = createBodyWriter(response, HEAD);
      void writer.write("one ");
      await turn();
      void writer.write("two");
      writer.end();
    });
    expect(await exchange(port, "GET / HTTP/1.0\r\n\r\n")).toMatch(/\r\n\r\none two$/);
  });

  test("two requests on one connection: each answer in its turn, though the second is ready first", async () => {
    const port = await serve(async (request, response) => {
      const writer = createBodyWriter(response, HEAD);
      const rounds = request.url === "/slow" ? 20 : 1;
      for (let round = 0; round < rounds; round += 1) {
        void writer.write(`${request.url};`);
        await turn();
      }
      writer.end();
    });
    const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const seen = await exchange(port, ask("/slow") + ask("/fast"), (text) => text.endsWith("/fast;\r\n0\r\n\r\n"));
    const [, first, second] = seen.split("HTTP/1.1 200 OK");
    expect(first?.match(/\/slow;/g)).toHaveLength(20);
    expect(first).not.toContain("/fast;");
    expect(second).toContain("/fast;");
  });
});

test("pieces that are written together leave as one chunk", async () => {
  const port = await serve(async (_request, response) => {
    const writer = createBodyWriter(response, HEAD);
    void writer.write("first");
    await turn();
    for (const piece of ["a", "b", "ü"]) void writer.write(piece);
    await turn();
    writer.end();
  });
  const seen = await exchange(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  expect(seen).toContain("5\r\nfirst\r\n4\r\nabü\r\n0\r\n\r\n");
});

test("a piece leaves before the event loop goes on", async () => {
  let hasLeft: boolean | undefined;
  const port = await serve((_request, response) => {
    const writer = createBodyWriter(response, HEAD);
    void writer.write("first");
    process.nextTick(() => {
      hasLeft = response.headersSent;
      writer.end();
    });
  });
  await exchange(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  expect(hasLeft).toBe(true);
});

test("a client that does not read makes the writer wait, one that leaves lets it go", async () => {
  const waited: string[] = [];
  const port = await serve(async (_request, response) => {
    const writer = createBodyWriter(response, HEAD);
    const piece = "x".repeat(1 << 16);
    for (let count = 0; count < 400; count += 1) {
      const catchingUp = writer.write(piece);
      await turn();
      if (catchingUp === undefined) continue;
      waited.push("waits");
      await catchingUp;
      if (response.destroyed) break;
    }
    waited.push("over");
    writer.end();
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => waited).toEqual(["waits"]);
  socket.resume();
  await expect.poll(() => waited.at(-1)).toBe("over");
  socket.destroy();

  waited.length = 0;
  const leaving = connect(port, "127.0.0.1");
  leaving.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => waited).toEqual(["waits"]);
  leaving.destroy();
  await expect.poll(() => waited.at(-1)).toBe("over");
});
