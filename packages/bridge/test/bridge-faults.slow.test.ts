import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createControlledStream } from "@vllm-tooling/fake-vllm";
import type { Failure } from "@vllm-tooling/fake-vllm";
import { afterEach, describe, expect, test } from "vitest";
import { askBridge } from "../src/status/ask-bridge.ts";
import { portOf, post, readEvents, setUp, tearDown, textOf } from "./bridge-harness.ts";

afterEach(tearDown);

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };
const HELLO = "\n\nHello there! How can I help you today?";
const LIMITS = { timeouts: { firstTokenMs: 300, idleMs: 300 }, resume: { waitMs: 500 } };

/** Nothing of the answer may have come, or a piece of it. */
const BEFORE: readonly Failure["kind"][] = [
  "stall-before-headers",
  "close-before-headers",
  "reset-before-headers",
  "reset-in-headers",
  "garbage",
  "html-502",
  "html-200",
  "empty-200",
  "busy-429",
  "queue-408",
  "no-workers-503",
];
const WITHIN: readonly Failure["kind"][] = [
  "cut-after-bytes",
  "reset-after-bytes",
  "end-after-bytes",
  "stall",
  "bad-chunked",
  "short-content-length",
  "engine-dies",
];

describe("vLLM's side fails", () => {
  test.each(BEFORE)("%s: an error with advice, streamed or not, and the bridge goes on", async (kind) => {
    const { baseUrl, fake, log } = await setUp({ scenario: "hello-stream", fail: kind }, LIMITS);
    for (const stream of [true, false]) {
      const { status, text: body } = await post(baseUrl, { ...ASK, stream });
      const { error } = JSON.parse(body) as { error: { message: string; code: number } };
      expect(status).toBeGreaterThanOrEqual(400);
      expect(error.code).toBe(status);
      expect(error.message).toMatch(/\. [A-Z].*\.$/s);
      expect(log.at(-1)?.ending).toMatch(/^[A-Z_]+$/);
    }
    fake.fail(undefined);
    expect((await post(baseUrl, ASK)).status).toBe(200);
  });

  test.each(WITHIN)("%s: the partial answer stays, an error ends it", async (kind) => {
    const { baseUrl, fake } = await setUp({ scenario: "hello-stream", fail: { kind, afterBytes: 3500 } }, LIMITS);
    const { status, text: body } = await post(baseUrl, { ...ASK, stream: true });
    const events = readEvents(body);
    expect(status).toBe(200);
    expect(textOf(events, "reasoning")).not.toBe("");
    expect(events.at(-1)?.error?.message).toMatch(/\. [A-Z].*\.$/s);
    const whole = await post(baseUrl, ASK);
    expect(whole.status).toBeGreaterThanOrEqual(400);
    expect(fake.requests.length).toBeGreaterThan(0);
  });

  test.each(["drip", "gzip", "long-content-length"] as const)("%s: odd, and right", async (kind) => {
    const { baseUrl } = await setUp({ scenario: "hello-stream", fail: kind });
    const { text: body } = await post(baseUrl, { ...ASK, stream: true });
    expect(textOf(readEvents(body))).toBe(HELLO);
  });
});

describe("the client's side fails", () => {
  const head = (length: number) =>
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

  test("it leaves in the middle of its request: nothing is asked", async () => {
    const { bridge, chats, log } = await setUp();
    const socket = connect(portOf(bridge), "127.0.0.1");
    socket.write(`${head(500)}{"model": "lab/tiny"`);
    await expect.poll(() => bridge.listenerCount("request")).toBe(1);
    setTimeout(() => socket.destroy(), 20);
    await expect.poll(() => log).toMatchObject([{ status: 0, ending: "client left" }]);
    expect(chats()).toEqual([]);
  });

  test("it leaves an answer that is not streamed: vLLM is stopped", async () => {
    const stream = createControlledStream();
    const { baseUrl, log } = await setUp({ scenario: stream });
    const leaving = new AbortController();
    const asking = fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      body: JSON.stringify(ASK),
      signal: leaving.signal,
    });
    await stream.opened;
    leaving.abort();
    await expect(asking).rejects.toThrow(/abort/);
    expect(await stream.closed).toBe("client-left");
    await expect.poll(() => log.at(-1)?.ending).toBe("client left");
  });

  test("many leave at any moment: nothing is left running, on either side", async () => {
    const { baseUrl, fake, log } = await setUp({
      scenario: "long-stream",
      fail: { kind: "stall", afterBytes: 3500 },
    });
    const leave = async (index: number) => {
      const leaving = new AbortController();
      setTimeout(() => leaving.abort(), (index * 7) % 90);
      const body = JSON.stringify({ ...ASK, stream: index % 3 > 0 });
      const asking = fetch(`${baseUrl}/chat/completions`, { method: "POST", body, signal: leaving.signal });
      await asking.then((answer) => answer.text()).catch(() => {});
    };
    await Promise.all(Array.from({ length: 150 }, (_, index) => leave(index)));
    await expect.poll(async () => (await askBridge({ baseUrl }))?.running, { timeout: 15_000 }).toBe(0);
    await expect.poll(() => fake.activeRequests, { timeout: 15_000 }).toBe(0);
    const endings = log.filter(({ path }) => path.endsWith("/chat/completions")).map(({ ending }) => ending);
    expect(new Set(endings)).toEqual(new Set(["client left"]));
  });

  test("what is not HTTP is refused, and the next one is served", async () => {
    const { baseUrl, bridge } = await setUp({ scenario: "hello-stream" });
    const socket = connect(portOf(bridge), "127.0.0.1");
    socket.write("\u0000\u0001 this is no request\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await post(baseUrl, ASK)).status).toBe(200);
  });
});
