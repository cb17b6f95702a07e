import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { askBridge } from "../src/status/ask-bridge.ts";
import { isDryRun, portOf, post, setUp, tearDown } from "./bridge-harness.ts";
import { openSocket, readAnswer } from "./raw-request.ts";

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await tearDown();
});

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };
const ROUTES = [
  "POST /v1/chat/completions",
  "POST /v1/embeddings",
  "PUT /anything",
  "POST /v1/models",
  "DELETE /v1/x",
  "GET /v1/models",
];

function send(port: number, line: string, headers: string, body = ""): Socket {
  const socket = openSocket(port);
  sockets.push(socket);
  socket.write(`${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n\r\n${body}`);
  return socket;
}

function toChunks(size: number, count: number): string {
  return `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`.repeat(count);
}

/** What came on a route, without the bridge's own probes. */
function sentOn(line: string, requests: Awaited<ReturnType<typeof setUp>>["fake"]["requests"]): unknown[] {
  return requests.filter(
    (request) => line === `${request.method} ${request.path}` && request.method !== "GET" && !isDryRun(request),
  );
}

describe.each(ROUTES)("a body that is too large: %s", (line) => {
  test("by its length: refused before it is sent", async () => {
    const { bridge, fake } = await setUp({}, { maxBodyBytes: 1000 });
    const { status, text } = await readAnswer(send(portOf(bridge), line, "content-length: 1001"));
    expect(status).toBe(413);
    expect(text).toContain("maxBodyBytes");
    expect(sentOn(line, fake.requests)).toEqual([]);
  });

  test("without a length: refused where it becomes too large, and the answer arrives while the client is sending", async () => {
    const { bridge, fake, log } = await setUp({}, { maxBodyBytes: 100_000 });
    // Far more than fits into the buffers between the two: who closes without reading takes the answer away.
    const socket = send(portOf(bridge), line, "transfer-encoding: chunked", toChunks(16_384, 400));
    const { status, text } = await readAnswer(socket);
    expect(status).toBe(413);
    expect(text).toContain("maxBodyBytes");
    await expect.poll(() => log.at(-1)).toMatchObject({ status: 413, ending: "INVALID_REQUEST" });
    expect(sentOn(line, fake.requests)).toEqual([]);
  });
});

test("a body of exactly the limit is passed on, with its length and without chunks", async () => {
  const { bridge, fake } = await setUp({}, { maxBodyBytes: 1000 });
  const body = `${toChunks(500, 2)}0\r\n\r\n`;
  await readAnswer(
    send(
      portOf(bridge),
      "POST /v1/embeddings",
      "connection: close\r\ntransfer-encoding: chunked\r\nexpect: 100-continue",
      body,
    ),
  );
  const seen = fake.requests.findLast(({ path }) => path === "/v1/embeddings");
  expect(seen?.headers).toMatchObject({ "content-length": "1000" });
  expect(seen?.headers).not.toHaveProperty("transfer-encoding");
  expect(seen?.headers).not.toHaveProperty("expect");
  expect(seen?.bodyText).toBe("x".repeat(1000));
});

test("a request without a body gets none", async () => {
  const { bridge, fake } = await setUp();
  for (const method of ["GET", "DELETE", "OPTIONS", "POST"]) {
    await readAnswer(send(portOf(bridge), `${method} /v1/nothing`, "connection: close"));
    const seen = fake.requests.findLast(({ path }) => path === "/v1/nothing");
    expect([method, seen?.headers["content-length"], seen?.headers["transfer-encoding"]]).toEqual([
      method,
      method === "POST" ? "0" : undefined,
      undefined,
    ]);
  }
});

describe("bodies that do not come", () => {
  test("take no place: others are answered", async () => {
    const { baseUrl, bridge } = await setUp({ scenario: "hello-stream" }, { maxConcurrent: 2 });
    for (let index = 0; index < 20; index++) {
      const line = ROUTES[index % 4] ?? "";
      send(portOf(bridge), line, index % 2 === 0 ? "content-length: 500" : "transfer-encoding: chunked", "1\r\n{\r\n");
    }
    for (let index = 0; index < 5; index++) expect((await post(baseUrl, ASK)).status).toBe(200);
    expect((await askBridge({ baseUrl }))?.running).toBe(0);
  });

  test("are given up after receiveMs, with an answer", async () => {
    const { bridge, log } = await setUp({}, { receiveMs: 50 });
    const answers = ROUTES.map((line) => readAnswer(send(portOf(bridge), line, "content-length: 500", "{")));
    for (const { status, text } of await Promise.all(answers)) {
      expect(status).toBe(408);
      expect(text).toContain("did not arrive within 50 ms");
    }
    await expect
      .poll(() => log.map(({ status, ending }) => [status, ending]))
      .toEqual(ROUTES.map(() => [408, "REQUEST_TIMEOUT"]));
  });

  test("give way, the oldest first, when more come", async () => {
    const { bridge } = await setUp({}, { maxConcurrent: 3 });
    const first = send(portOf(bridge), "POST /v1/embeddings", "content-length: 500", "{");
    const answer = readAnswer(first);
    for (let index = 0; index < 3; index++) send(portOf(bridge), "POST /v1/embeddings", "content-length: 500", "{");
    const { status, text } = await answer;
    expect(status).toBe(408);
    expect(text).toContain("too many others were on their way");
  });

  test("are not waited for from those who have no key", async () => {
    const { bridge } = await setUp({}, { key: "own-secret" });
    const { status } = await readAnswer(send(portOf(bridge), "POST /v1/embeddings", "content-length: 500", "{"));
    expect(status).toBe(401);
  });

  test("keep a bridge from nothing when it stops", async () => {
    const { bridge } = await setUp({}, { stopMs: 10 });
    send(portOf(bridge), "POST /v1/embeddings", "content-length: 500", "{");
    await expect.poll(() => bridge.listening).toBe(true);
    await new Promise((resolve) => void bridge.close(resolve));
  });
});
