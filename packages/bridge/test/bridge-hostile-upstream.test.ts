import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { BridgeLogEntry, BridgeOptions } from "../src/index.ts";
import { post, startBridge, tearDown } from "./bridge-harness.ts";

const JSON_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const CHUNKED = `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`;
const ASK = { model: "m", messages: [{ role: "user", content: "Hello" }] };
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const wholeCall = (argumentsJson: string) =>
  `{"id":"x","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${argumentsJson}}}]}}]}`;

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  await tearDown();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** An upstream that answers with bytes of its own, and 404 to what is asked besides. */
async function startRaw(isAsked: RegExp, answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (data) => {
      if (isAsked.test(data.toString("latin1"))) answer(socket);
      else socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}");
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function setUp(isAsked: RegExp, answer: (socket: Socket) => void, options: BridgeOptions = {}) {
  const log: BridgeLogEntry[] = [];
  const upstream = await startRaw(isAsked, answer);
  const bridge = await startBridge({ upstream, log: (entry) => void log.push(entry), ...options });
  return { baseUrl: bridge.baseUrl ?? "", log };
}

/** The bridge still serves: what ended its process would have ended the test. */
async function expectAlive(baseUrl: string): Promise<void> {
  expect((await fetch(baseUrl.replace("/v1", "/vllm-bridge"))).status).toBe(200);
}

const reset = (socket: Socket) => void socket.resetAndDestroy();
const RESET_LATER = (bytes: string) => (socket: Socket) =>
  void socket.write(bytes, () => setTimeout(reset, 20, socket));

describe("a whole answer that is nested deep", () => {
  test.each([false, true])("ends its own request only, streamed to the agent: %s", async (stream) => {
    for (const levels of [1001, 6000, 20_000]) {
      const body = wholeCall(nested(levels));
      const { baseUrl, log } = await setUp(/^POST \/v1\/chat/, (socket) => {
        socket.end(`${JSON_HEAD}content-length: ${body.length}\r\n\r\n${body}`);
      });
      const { status, text } = await post(baseUrl, { ...ASK, stream });
      expect(status).toBe(502);
      expect(text).toContain("nested deeper than 1000 levels");
      expect(log.at(-1)?.ending).toBe("STREAM_MALFORMED");
      await expectAlive(baseUrl);
    }
  });

  test("arguments that are a text: the call is asked for again, and not handed over", async () => {
    let asked = 0;
    const body = wholeCall(JSON.stringify(nested(6000)));
    const { baseUrl } = await setUp(/^POST \/v1\/chat/, (socket) => {
      asked += 1;
      socket.end(`${JSON_HEAD}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    const { status, text } = await post(baseUrl, ASK);
    expect({ status, asked }).toEqual({ status: 502, asked: 2 });
    expect(text).toContain("not complete, twice");
  });
});

describe("limits of the bridge's own", () => {
  const limits = { eventBytes: 1000, auxiliaryBytes: 1000, headBytes: 4000, nesting: 20 };
  const stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ";

  test("an event", async () => {
    const { baseUrl } = await setUp(/^POST/, (socket) => socket.write(stream + "x".repeat(2000)), { limits });
    const { status, text } = await post(baseUrl, ASK);
    expect(status).toBe(502);
    expect(text).toContain("larger than 1000 bytes");
  });

  test.each([
    ["a list of models", `${JSON_HEAD}\r\n{"data":[${" ".repeat(2000)}`, "larger than 1000 bytes"],
    ["a head", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}`, "head of the answer"],
    ["deep JSON", `${JSON_HEAD}connection: close\r\n\r\n${nested(21)}`, "nested deeper than 20 levels"],
  ])("%s", async (_, bytes, words) => {
    const answer = (socket: Socket) => void (words.startsWith("nested") ? socket.end(bytes) : socket.write(bytes));
    const { baseUrl } = await setUp(/^GET \/v1\/models/, answer, { limits });
    const response = await fetch(`${baseUrl}/models`);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain(words);
    await expectAlive(baseUrl);
  });

  test("one that is none is refused at the start", async () => {
    await expect(startBridge({ upstream: "http://127.0.0.1:1", limits: { nesting: 0 } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

describe("what breaks after the head, or cannot be passed on", () => {
  const answers: [string, (socket: Socket) => void][] = [
    ["reset in the head", RESET_LATER("HTTP/1.1 200 OK\r\nx: ")],
    ["reset in the body", RESET_LATER(`${JSON_HEAD}content-length: 500\r\n\r\n{"data":`)],
    ["reset in a chunk", RESET_LATER(`${CHUNKED}ff\r\n{"data":`)],
    ["a chunk that is none, with the head", (socket) => socket.write(`${CHUNKED}5\r\n{"dat\r\nzz\r\n`)],
    ["closed in the body", (socket) => socket.end(`${JSON_HEAD}content-length: 500\r\n\r\n{"data":`)],
    ["no body at all", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n")],
    ["status 000", (socket) => socket.end("HTTP/1.1 000 Odd\r\ncontent-length: 2\r\n\r\n{}")],
    ["status 099", (socket) => socket.end("HTTP/1.1 099 Odd\r\ncontent-length: 2\r\n\r\n{}")],
    [
      "a control character in the reason",
      (socket) => socket.end("HTTP/1.1 200 O\u0001K\r\ncontent-length: 2\r\n\r\n{}"),
    ],
    ["another protocol", (socket) => socket.end("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")],
    ["not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")],
  ];

  test.each(answers)("%s", async (_, answer) => {
    const { baseUrl, log } = await setUp(/^GET \/v1\/(?:models|files)/, answer);
    for (const path of ["/models", "/files"]) {
      const said = await fetch(baseUrl + path)
        .then(
          async (response) => ({ status: response.status, text: await response.text() }),
          (error: unknown) => ({ status: 0, text: String(error) }),
        )
        .catch((error: unknown) => ({ status: 0, text: String(error) }));
      // An answer that has begun can only be broken off; one that has not is an error in our words.
      if (said.status >= 400) expect(said.text).toMatch(/\. [A-Z].*\./s);
      else if (said.status !== 0) expect(said.text).toBe("{}");
      await expectAlive(baseUrl);
    }
    await expect.poll(() => log.filter(({ path }) => /models|files/.test(path)).length).toBe(2);
  });
});

test("a log that throws ends nothing", async () => {
  const warnings: unknown[] = [];
  const listen = (warning: unknown) => warnings.push(warning);
  process.on("warning", listen);
  const upstream = await startRaw(/nothing/, () => {});
  const bridge = await startBridge({
    upstream,
    log() {
      throw new Error("the disk is full");
    },
  });
  await expectAlive(bridge.baseUrl ?? "");
  await expectAlive(bridge.baseUrl ?? "");
  await expect.poll(() => warnings.length).toBeGreaterThan(1);
  process.off("warning", listen);
});
