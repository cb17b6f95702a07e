import { once } from "node:events";
import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { portOf, startBridge, tearDown } from "./bridge-harness.ts";

const servers: Server[] = [];
afterEach(async () => {
  await tearDown();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A bridge before a server of the test's own, which answers what the test asks and not what the bridge asks itself. */
async function setUp(answer: RequestListener) {
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/v1/files") === true) answer(request, response);
    else response.writeHead(404).end();
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(await startBridge({ upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }));
}

async function ask(port: number, path: string, init: { method?: string; headers?: string[]; body?: Buffer } = {}) {
  const { method = "GET", headers = [], body } = init;
  const outgoing = sendRequest({ port, host: "127.0.0.1", path, method, headers: ["host", "127.0.0.1", ...headers] });
  outgoing.end(body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return answer;
}

describe("what passes through", () => {
  test("is the same request, byte for byte", async () => {
    const seen: unknown[] = [];
    const port = await setUp(async (request, response) => {
      const lines = request.rawHeaders.filter((_, index, all) => /^x-test/i.test(all[index - (index % 2)]!));
      seen.push([request.method, request.url, lines, (await buffer(request)).toString("latin1")]);
      response.end();
    });
    const body = Buffer.from([0, 1, 127, 128, 255, 13, 10]);
    const headers = ["X-Test-A", "1", "x-test-a", "2", "X-TEST-B", "caf\u00e9", "content-length", String(body.length)];
    await ask(port, "/v1/files/a%2Fb?x=%41|{}'&", { method: "PUT", headers, body });
    expect(seen).toEqual([
      [
        "PUT",
        "/v1/files/a%2Fb?x=%41|{}'&",
        ["X-Test-A", "1", "x-test-a", "2", "X-TEST-B", "caf\u00e9"],
        body.toString("latin1"),
      ],
    ]);
  });

  test("is the same answer: status, reason, repeated headers, and a body in its encoding", async () => {
    const packed = gzipSync("packed");
    const port = await setUp((_request, response) => {
      response.writeHead(207, "Of Its Own", [
        ["Content-Encoding", "gzip"],
        ["Content-Length", String(packed.length)],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["X-Name", "caf\u00e9"],
      ].flat()); // prettier-ignore
      response.end(packed);
    });
    const answer = await ask(port, "/v1/files");
    expect([answer.statusCode, answer.statusMessage]).toEqual([207, "Of Its Own"]);
    const kept = answer.rawHeaders.slice(0, 10);
    expect(kept).toEqual([
      "Content-Encoding",
      "gzip",
      "Content-Length",
      String(packed.length),
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
      "X-Name",
      "caf\u00e9",
    ]);
    expect(await buffer(answer)).toEqual(packed);
  });

  test.each(["GET", "HEAD", "DELETE", "OPTIONS"])("a %s without a body announces none", async (method) => {
    const seen: unknown[] = [];
    const port = await setUp((request, response) => {
      seen.push(request.headers["content-length"], request.headers["transfer-encoding"], request.headers["user-agent"]);
      response.end("x");
    });
    const answer = await ask(port, "/v1/files", { method });
    expect((await buffer(answer)).toString()).toBe(method === "HEAD" ? "" : "x");
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  test("a client that reads slowly makes the server wait", async () => {
    const size = 40 * 1024 * 1024;
    let written = 0;
    const port = await setUp((_request, response) => {
      const write = () => {
        if (written >= size) {
          response.end();
          return;
        }
        written += 65_536;
        if (response.write(Buffer.alloc(65_536))) write();
        else response.once("drain", write);
      };
      write();
    });
    const answer = await ask(port, "/v1/files");
    let before = 0;
    // Until the buffers of all three are full.
    await expect.poll(() => written > 0 && before === (before = written), { interval: 100 }).toBe(true);
    expect(before).toBeLessThan(size);
    expect(await buffer(answer)).toHaveLength(size);
  });

  test("an idle connection that the server has closed is replaced without a word", async () => {
    const seen = new Set<Socket>();
    const port = await setUp(({ socket }, response) => {
      seen.add(socket);
      response.end("hello");
    });
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await buffer(await ask(port, "/v1/files"))).toString()).toBe("hello");
      // Closed at the very moment the next request is sent.
      [...seen].at(-1)?.resetAndDestroy();
    }
    expect(seen.size).toBe(4);
  });
});
