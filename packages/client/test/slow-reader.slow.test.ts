import { randomBytes } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createVllmClient, type VllmClientOptions } from "@vllm/client";
import { expect, test } from "vitest";
import { startEndless } from "./support/endless-server.ts";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "@vllm-tooling/fake-vllm";

const PIECE = "x".repeat(60_000);
const EVENTS = 400;
const chunk = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

/** Writes as fast as it may, and counts what it wrote. */
function createWriter() {
  const event = chunk({ content: PIECE }, null);
  const state = { written: 0 };
  const answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let sent = 0;
    const write = (): void => {
      while (sent < EVENTS) {
        sent += 1;
        state.written += event.length;
        if (!response.write(event)) return void response.once("drain", write);
      }
      response.end(`${chunk({}, "stop")}data: [DONE]\n\n`);
    };
    write();
  };
  return { state, answer };
}

const TRANSPORTS: [string, boolean, VllmClientOptions][] = [
  ["our own", false, {}],
  ["our own, with TLS", true, { tls: { ca: TEST_AUTHORITY } }],
  ["fetch", false, { fetch: (url, init) => globalThis.fetch(url, init) }],
];

test.each(TRANSPORTS)("few but large events wait on the server until they are read: %s", async (_, isTls, options) => {
  const { state, answer } = createWriter();
  const server = isTls ? createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, answer) : createHttpServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = isTls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  const client = createVllmClient({ baseUrl, model: "m", ...options });
  const iterator = client.chat({ messages: [] })[Symbol.asyncIterator]();
  await iterator.next();
  for (let before = -1; before !== state.written; await sleep(200)) before = state.written;
  // What the operating system and TLS hold (up to 14 MB) and what the client does (1 MB), of 24 MB.
  expect(state.written).toBeLessThan(18_000_000);
  let length = 0;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (next.value.type === "text_delta") length += next.value.delta.length;
  }
  expect(length).toBe(EVENTS * PIECE.length);
  server.closeAllConnections();
  server.close();
});

test.each<[string, VllmClientOptions]>([
  ["our own", {}],
  ["fetch", { fetch: (url, init) => globalThis.fetch(url, init) }],
])("a compressed answer without an end waits on the server too: %s", async (_, options) => {
  // What does not compress: the system would hold gigabytes of anything else.
  const again = chunk({ content: randomBytes(36_000).toString("base64") }, null);
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream";
  const server = await startEndless({ head, again, gzip: true });
  const client = createVllmClient({ baseUrl: server.baseUrl, model: "m", ...options });
  const iterator = client.chat({ messages: [] })[Symbol.asyncIterator]();
  await iterator.next();
  for (let before = -1; before !== server.sent(); await sleep(200)) before = server.sent();
  const whilePaused = server.sent();
  expect(whilePaused).toBeLessThan(24_000_000);
  // It goes on when it is read, as often as it must.
  let length = 0;
  while (length < 3 * whilePaused) {
    const { value } = await iterator.next();
    if (value?.type === "text_delta") length += value.delta.length;
  }
  await iterator.return?.();
  await server.whenLeft();
  server.close();
});
