import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { stopClock, type Clock } from "@vllm-tooling/contract/clock";
import { createControlledStream, startFakeVllm, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { createVllmClient, VllmError, type ChatEvent, type VllmClient } from "@vllm/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chunk } from "./support/chunk.ts";
import { partialOf } from "./support/collect.ts";

const HELLO = "\n\nHello there! How can I help you today?";
const PARAMS = { model: "lab/tiny", messages: [{ role: "user" as const, content: "hello" }] };

let server: FakeVllm;
let client: VllmClient;
const unhandled: unknown[] = [];
const noteUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
  server = await startFakeVllm();
  client = createVllmClient({ baseUrl: server.baseUrl });
  process.on("unhandledRejection", noteUnhandled);
});
beforeEach(() => server.play("demo"));
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(unhandled.splice(0)).toEqual([]);
});
afterAll(async () => {
  process.off("unhandledRejection", noteUnhandled);
  await server.close();
});

/** A stream with its head and first pieces sent. */
function openStream(...texts: string[]) {
  const stream = createControlledStream();
  server.play(stream);
  for (const content of texts) stream.writeEvent(chunk({ content }));
  return stream;
}

async function* take(reply: AsyncIterable<ChatEvent>, count: number) {
  let taken = 0;
  for await (const event of reply) {
    yield event;
    taken += 1;
    if (taken === count) return;
  }
}

describe("the ways to read a reply", () => {
  test("events, then the result", async () => {
    const reply = client.chat(PARAMS);
    let text = "";
    for await (const event of reply) if (event.type === "text_delta") text += event.delta;
    expect(text).toBe(HELLO);
    expect((await reply.result()).text).toBe(HELLO);
  });

  test("the result alone, more than once", async () => {
    const reply = client.chat(PARAMS);
    const [one, other] = await Promise.all([reply.result(), reply.result()]);
    expect(one).toBe(other);
    expect(one.text).toBe(HELLO);
    expect(await reply.result()).toBe(one);
  });

  test("the result asked for first, then events", async () => {
    const reply = client.chat(PARAMS);
    const whole = reply.result();
    const types = new Set<string>();
    for await (const event of reply) types.add(event.type);
    expect([...types]).toEqual(
      expect.arrayContaining(["start", "thinking_start", "thinking_delta", "thinking_end", "text_delta", "done"]),
    );
    expect((await whole).text).toBe(HELLO);
  });

  test("the result asked for in the middle of the events", async () => {
    const reply = client.chat(PARAMS);
    let whole: Promise<{ text: string }> | undefined;
    let text = "";
    for await (const event of reply) {
      whole ??= reply.result();
      if (event.type === "text_delta") text += event.delta;
    }
    expect((await whole)?.text).toBe(text);
  });

  test("done is the result", async () => {
    const reply = client.chat(PARAMS);
    const events: ChatEvent[] = [];
    for await (const event of reply) events.push(event);
    const { type, ...done } = events.at(-1) as Extract<ChatEvent, { type: "done" }>;
    expect(type).toBe("done");
    expect(done).toEqual(await reply.result());
  });

  test("events late: they wait", async () => {
    const reply = client.chat(PARAMS);
    await server.waitUntilIdle();
    await new Promise((resolve) => setTimeout(resolve, 30));
    let text = "";
    for await (const event of reply) if (event.type === "text_delta") text += event.delta;
    expect(text).toBe(HELLO);
  });

  test("a reply is read once", async () => {
    const reply = client.chat(PARAMS);
    for await (const _ of reply);
    expect(() => reply[Symbol.asyncIterator]()).toThrow(TypeError);
    const drained = client.chat(PARAMS);
    await drained.result();
    expect(() => drained[Symbol.asyncIterator]()).toThrow(/result\(\) has consumed/);
    expect(() => drained.rawChunks()).toThrow(TypeError);
  });

  test("raw chunks are what the server sent, and the result still comes", async () => {
    const reply = client.chat(PARAMS);
    const chunks = [];
    for await (const raw of reply.rawChunks()) chunks.push(raw);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.at(-1)?.usage).toBeDefined();
    expect((await reply.result()).text).toBe(HELLO);
  });

  test("raw chunks that are asked for too late are refused, and the reply can still be read", async () => {
    const reply = client.chat(PARAMS);
    await Promise.resolve();
    expect(() => reply.rawChunks()).toThrow(/comes too late/);
    expect((await reply.result()).text).toBe(HELLO);
  });

  test("complete() is one promise", async () => {
    expect((await client.complete(PARAMS)).message).toEqual({
      role: "assistant",
      content: HELLO,
      reasoning: "\nThe user greets me. I greet back.\n",
    });
    expect(server.requests.at(-1)?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test("stream: false asks for one JSON answer and gives the same events", async () => {
    const reply = client.chat({ ...PARAMS, stream: false });
    const types: string[] = [];
    for await (const event of reply) types.push(event.type);
    expect(types).toEqual([
      "start",
      "thinking_start",
      "thinking_delta",
      "thinking_end",
      "text_start",
      "text_delta",
      "text_end",
      "done",
    ]);
    const { body } = server.requests.at(-1)!;
    expect(body).toMatchObject({ stream: false });
    expect(body).not.toHaveProperty("stream_options");
  });
});

describe("stopping", () => {
  test("break closes the connection at once", async () => {
    const stream = openStream("one", "two");
    const reply = client.chat(PARAMS);
    for await (const _ of take(reply, 3));
    expect(await stream.closed).toBe("client-left");
    await expect(reply.result()).rejects.toMatchObject({ code: "ABORTED", partial: { text: "onetwo" } });
  });

  test("abort() ends the iteration with an error that carries what had come", async () => {
    const stream = openStream("one");
    const reply = client.chat(PARAMS);
    const error: unknown = await (async () => {
      for await (const event of reply) if (event.type === "text_delta") reply.abort("enough");
    })().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(partialOf(error as VllmError)).toMatchObject({ id: "chatcmpl-1", text: "one" });
    expect(await stream.closed).toBe("client-left");
  });

  test("a signal does the same, before and during the request", async () => {
    const before = client.chat(PARAMS, { signal: AbortSignal.abort() });
    const sent = server.requests.length;
    await expect(before.result()).rejects.toMatchObject({ code: "ABORTED" });
    expect(server.requests).toHaveLength(sent);

    const stream = openStream("one");
    const controller = new AbortController();
    const during = client.chat(PARAMS, { signal: controller.signal });
    await stream.opened;
    controller.abort(new Error("the user left"));
    await expect(during.result()).rejects.toMatchObject({ code: "ABORTED", cause: { message: "the user left" } });
    expect(await stream.closed).toBe("client-left");
  });

  test("a caller's time limit says that it was one", async () => {
    const stream = openStream("one");
    using clock = stopClock();
    const reply = client.chat(PARAMS, { signal: AbortSignal.timeout(40) });
    await stream.opened;
    await expect(clock.passUntil(reply.result(), 40)).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringContaining("time limit"),
    });
    await stream.closed;
  });

  test("abort at any event ends the reply exactly once", async () => {
    const whole: ChatEvent[] = [];
    for await (const event of client.chat(PARAMS)) whole.push(event);
    for (let at = 0; at < whole.length; at += 3) {
      const reply = client.chat(PARAMS);
      const seen: ChatEvent[] = [];
      let error: unknown;
      try {
        for await (const event of reply) {
          seen.push(event);
          if (seen.length - 1 === at) reply.abort();
        }
      } catch (thrown) {
        error = thrown;
      }
      const isDone = seen.at(-1)?.type === "done";
      expect(isDone).toBe(error === undefined);
      if (!isDone) expect(error).toMatchObject({ code: "ABORTED" });
    }
  });

  test("abort after the end changes nothing", async () => {
    const reply = client.chat(PARAMS);
    const result = await reply.result();
    reply.abort();
    expect(await reply.result()).toBe(result);
  });

  test("a signal of many requests keeps no listener of finished ones", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => void ((listeners += 1), add(...given));
    signal.removeEventListener = (...given: Parameters<typeof remove>) => void ((listeners -= 1), remove(...given));
    for (let turn = 0; turn < 3; turn += 1) await client.chat(PARAMS, { signal }).result();
    expect(listeners).toBe(0);
  });

  test("aborting while a retry waits ends at once", async () => {
    server.fail({ kind: "busy-429" });
    const sent = server.requests.length;
    using clock = stopClock();
    const reply = client.chat(PARAMS);
    await clock.standUntil(() => server.requests[sent]?.finished === true);
    setTimeout(() => reply.abort(), 50);
    await expect(clock.passUntil(reply.result(), 10)).rejects.toMatchObject({ code: "ABORTED" });
    // The server said to come back after a second.
    expect(clock.elapsedMs).toBeLessThan(900);
    expect(server.requests).toHaveLength(sent + 1);
    server.fail(undefined);
  });
});

describe("no rejection goes unhandled", () => {
  test("a reply that nobody reads", async () => {
    server.fail({ kind: "no-workers-503", times: 3 });
    client.chat(PARAMS);
    client.chat({ ...PARAMS, model: "no-such-model" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.fail(undefined);
  });

  test("result() that nobody awaits, beside a loop", async () => {
    openStream("one").end();
    const reply = client.chat(PARAMS);
    void reply.result();
    await expect(
      (async () => {
        for await (const _ of reply);
      })(),
    ).rejects.toMatchObject({ code: "STREAM_ENDED_EARLY" });
  });

  test("next() that nobody awaits", async () => {
    openStream("one").destroy();
    const iterator = client.chat(PARAMS)[Symbol.asyncIterator]();
    for (let turn = 0; turn < 5; turn += 1) void iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  test("a request that cannot be written", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    await expect(client.complete({ ...PARAMS, extra_body: circular })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      partial: { text: "" },
    });
  });
});

describe("a reply that was forgotten", () => {
  const IDLE_MS = 20_000;
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;

  /** Less time than the limit for silence, with garbage collections in between. */
  async function waitFor(clock: Clock, condition: () => boolean): Promise<boolean> {
    for (let left = IDLE_MS - 1000; left > 0 && !condition(); left -= 1000) {
      collectGarbage();
      await clock.pass(1000);
    }
    return condition();
  }

  test("stops the server", async () => {
    const stream = openStream("one");
    let how: string | undefined;
    void stream.closed.then((closed) => (how = closed));
    using clock = stopClock();
    client.chat(PARAMS, { timeouts: { idleMs: IDLE_MS } });
    await stream.opened;
    expect(await waitFor(clock, () => how !== undefined)).toBe(true);
    expect(how).toBe("client-left");
  });

  test("goes on while its result, its events or its iterator is waited for", async () => {
    using clock = stopClock();
    const first = openStream("one");
    const options = { timeouts: { idleMs: IDLE_MS } };
    const result = client.chat(PARAMS, options).result();
    await first.opened;
    const second = openStream("one");
    const iterator = client.chat(PARAMS, options)[Symbol.asyncIterator]();
    await second.opened;
    const third = openStream("one");
    const types: string[] = [];
    const each = client.chat(PARAMS, options).forEach((event) => types.push(event.type));
    await third.opened;
    await waitFor(clock, () => false);
    for (const stream of [first, second, third]) {
      stream.writeEvent(chunk({}, "stop"));
      stream.end();
    }
    expect((await result).text).toBe("one");
    expect((await each).text).toBe("one");
    expect(types.at(-1)).toBe("done");
    let last: ChatEvent | undefined;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) last = next.value;
    expect(last).toMatchObject({ type: "done", text: "one" });
  });
});

describe("a slow reader", () => {
  test("makes the server wait, and loses nothing", async () => {
    const stream = createControlledStream();
    server.play(stream);
    const reply = client.chat(PARAMS);
    const iterator = reply[Symbol.asyncIterator]();
    await stream.opened;
    const piece = "x".repeat(1000);
    const count = 20_000;
    for (let turn = 0; turn < count; turn += 1) stream.writeEvent(chunk({ content: piece }));
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
    await iterator.next();
    // 20 MB were written; the sockets' buffers and ours hold only a part of it.
    const held = await Promise.race([
      stream.closed,
      new Promise<"held">((resolve) => setTimeout(() => resolve("held"), 300)),
    ]);
    expect(held).toBe("held");
    let length = 0;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (next.value.type === "text_delta") length += next.value.delta.length;
    }
    expect(length).toBe(piece.length * count);
  });

  test("one that waits for the whole in the middle of its loop gets it, however long", async () => {
    const stream = openStream();
    const reply = client.chat(PARAMS);
    await stream.opened;
    for (let at = 0; at < 3000; at += 1) stream.writeEvent(chunk({ content: "word " }));
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
    let pieces = 0;
    for await (const event of reply) {
      if (event.type === "text_start") expect((await reply.result()).text).toHaveLength(15_000);
      if (event.type === "text_delta") pieces += 1;
    }
    expect(pieces).toBe(3000);
  });

  test("is not taken for a silent server", async () => {
    const stream = openStream("one");
    using clock = stopClock();
    const reply = client.chat(PARAMS, { timeouts: { idleMs: 100 } });
    const iterator = reply[Symbol.asyncIterator]();
    await iterator.next();
    for (let turn = 0; turn < 3000; turn += 1) stream.writeEvent(chunk({ content: "y" }));
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
    await clock.pass(400, 10);
    let text = "";
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (next.value.type === "text_delta") text += next.value.delta;
    }
    expect(text).toBe(`one${"y".repeat(3000)}`);
  });
});

describe("after the finish reason", () => {
  test.each(["destroy", "reset"] as const)("a connection that breaks (%s) costs no answer", async (how) => {
    const stream = openStream("whole");
    stream.writeEvent(chunk({}, "stop"));
    const reply = client.chat(PARAMS);
    setTimeout(() => stream[how](), 30);
    expect(await reply.result()).toMatchObject({ text: "whole", finishReason: "stop" });
  });

  test("a server that never ends the stream is not waited for longer than the idle limit", async () => {
    const stream = openStream("whole");
    stream.writeEvent(chunk({}, "stop"));
    expect((await client.chat(PARAMS, { timeouts: { idleMs: 100 } }).result()).text).toBe("whole");
    expect(await stream.closed).toBe("client-left");
  });

  test("[DONE] ends the answer, also when the body goes on", async () => {
    const stream = openStream("whole");
    stream.writeEvent(chunk({}, "stop"));
    stream.write("data: [DONE]\n\n");
    using clock = stopClock();
    expect((await clock.passUntil(client.complete(PARAMS), 10)).text).toBe("whole");
    // The limit for silence is ten minutes here.
    expect(clock.elapsedMs).toBeLessThan(5000);
    expect(await stream.closed).toBe("client-left");
  });
});

describe("time limits", () => {
  test("keep-alive comments are life between tokens, but no first token", async () => {
    using clock = stopClock();
    const stream = openStream("one");
    const reply = client.chat(PARAMS, { timeouts: { idleMs: 150 } });
    const comments = setInterval(() => stream.write(": keep-alive\n\n"), 40);
    setTimeout(() => {
      stream.writeEvent(chunk({ content: "two" }, "stop"));
      stream.end();
      clearInterval(comments);
    }, 500);
    expect((await clock.passUntil(reply.result(), 5)).text).toBe("onetwo");

    const queued = createControlledStream();
    server.play(queued);
    const waiting = client.chat(PARAMS, { timeouts: { firstTokenMs: 200, idleMs: 10_000 } });
    const more = setInterval(() => queued.write(": keep-alive\n\n"), 40);
    await queued.opened;
    await expect(clock.passUntil(waiting.result(), 5)).rejects.toMatchObject({ code: "REQUEST_TIMEOUT" });
    clearInterval(more);
    expect(await queued.closed).toBe("client-left");
  });

  test("a long silence before the first token is no idle stream", async () => {
    using clock = stopClock();
    const stream = createControlledStream();
    server.play(stream);
    const reply = client.chat(PARAMS, { timeouts: { idleMs: 80 } });
    await stream.opened;
    await clock.pass(400, 10);
    stream.writeEvent(chunk({ content: "at last" }, "stop"));
    stream.end();
    expect((await reply.result()).text).toBe("at last");
  });

  test("false turns a limit off", async () => {
    using clock = stopClock();
    const stream = openStream("one");
    const quiet = createVllmClient({ baseUrl: server.baseUrl, timeouts: { idleMs: false, firstTokenMs: false } });
    const reply = quiet.chat(PARAMS);
    await stream.opened;
    await clock.pass(24 * 3_600_000, 3_600_000);
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
    expect((await reply.result()).text).toBe("one");
  });
});
