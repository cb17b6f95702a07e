import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createControlledStream, startFakeVllm, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { createVllmClient, type ChatEvent, type VllmClient } from "@vllm/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chunk } from "./support/chunk.ts";

const PARAMS = { model: "lab/tiny", messages: [{ role: "user" as const, content: "hello" }] };

let server: FakeVllm;
let client: VllmClient;

beforeAll(async () => {
  server = await startFakeVllm();
  client = createVllmClient({ baseUrl: server.baseUrl });
});
beforeEach(() => server.play("demo"));
afterAll(() => server.close());

/** A stream of these texts, with its end or still open. */
function openStream(texts: readonly string[], isWhole = true) {
  const stream = createControlledStream();
  server.play(stream);
  for (const content of texts) stream.writeEvent(chunk({ content }));
  if (isWhole) {
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
  }
  return stream;
}

describe("forEach", () => {
  test("hands over the events of an iteration, and gives the answer", async () => {
    const iterated: ChatEvent[] = [];
    for await (const event of client.chat(PARAMS)) iterated.push(event);
    const events: ChatEvent[] = [];
    const reply = client.chat(PARAMS);
    // What a function returns besides a promise, as push does here, means nothing.
    const result = await reply.forEach((event) => events.push(event));
    const withoutIds = (all: ChatEvent[]) => JSON.stringify(all).replaceAll(/chatcmpl-\w+|"requestId":"[^"]*"/g, "");
    expect(withoutIds(events)).toBe(withoutIds(iterated));
    expect(await reply.result()).toBe(result);
  });

  test("beside result(), in any order", async () => {
    const reply = client.chat(PARAMS);
    const whole = reply.result();
    let text = "";
    const result = await reply.forEach((event) => void (event.type === "text_delta" && (text += event.delta)));
    expect(await whole).toBe(result);
    expect(result.text).toBe(text);
  });

  test("late: events wait", async () => {
    const reply = client.chat(PARAMS);
    await server.waitUntilIdle();
    await sleep(30);
    const types: string[] = [];
    await reply.forEach((event) => types.push(event.type));
    expect([types[0], types.at(-1)]).toEqual(["start", "done"]);
  });

  test("the next event waits for a promise, whatever came in one piece", async () => {
    openStream(["a", "b", "c"]);
    const log: string[] = [];
    await client.chat(PARAMS).forEach(async (event) => {
      if (event.type !== "text_delta") return;
      log.push(`${event.delta} begins`);
      await sleep(5);
      log.push(`${event.delta} ends`);
    });
    expect(log).toEqual(["a", "b", "c"].flatMap((text) => [`${text} begins`, `${text} ends`]));
  });

  test("some events waited for, some not: the order stays", async () => {
    const texts = Array.from({ length: 300 }, (_, index) => `${index} `);
    openStream(texts);
    const seen: string[] = [];
    await client.chat(PARAMS).forEach((event) => {
      if (event.type === "text_delta") seen.push(event.delta);
      return seen.length % 7 === 0 ? sleep(0) : undefined;
    });
    expect(seen).toEqual(texts);
  });

  test("a function that is slow makes the server wait, and loses nothing", async () => {
    const piece = "x".repeat(1000);
    const count = 20_000;
    const stream = createControlledStream();
    server.play(stream);
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    let length = 0;
    const read = client.chat(PARAMS).forEach((event) => {
      if (event.type === "text_delta") length += event.delta.length;
      return gate;
    });
    await stream.opened;
    for (let turn = 0; turn < count; turn += 1) stream.writeEvent(chunk({ content: piece }));
    stream.writeEvent(chunk({}, "stop"));
    stream.end();
    // 20 MB were written; the sockets' buffers and ours hold only a part of it.
    expect(await Promise.race([stream.closed, sleep(300).then(() => "held")])).toBe("held");
    letGo();
    expect((await read).text).toHaveLength(piece.length * count);
    expect(length).toBe(piece.length * count);
  });

  test.each([
    ["is called", (result: Promise<unknown>) => result],
    ["is awaited", async (result: Promise<unknown>) => void (await result)],
  ])("result() that %s in the middle comes, however long the answer", async (_, wait) => {
    const texts = Array.from({ length: 3000 }, () => "word ");
    openStream(texts);
    const reply = client.chat(PARAMS);
    let pieces = 0;
    await reply.forEach((event) => {
      if (event.type === "text_delta") pieces += 1;
      return event.type === "text_start" ? wait(reply.result()) : undefined;
    });
    expect(pieces).toBe(3000);
  });
});

describe("how forEach ends", () => {
  test("with the error of the stream, after every event that came before it", async () => {
    const stream = openStream(["a", "b"], false);
    stream.end();
    const seen: string[] = [];
    const reply = client.chat(PARAMS);
    const read = reply.forEach(async (event) => {
      await sleep(1);
      if (event.type === "text_delta") seen.push(event.delta);
    });
    await expect(read).rejects.toMatchObject({ code: "STREAM_ENDED_EARLY", partial: { text: "ab" } });
    expect(seen).toEqual(["a", "b"]);
    await expect(reply.result()).rejects.toMatchObject({ code: "STREAM_ENDED_EARLY" });
  });

  const mistake = new RangeError("a mistake of the caller");
  const fails = {
    throws() {
      throw mistake;
    },
    async rejects() {
      throw mistake;
    },
    async "rejects later"() {
      await sleep(5);
      throw mistake;
    },
  };

  test.each(Object.entries(fails))("with what the function %s, and the server stops", async (_, fail) => {
    const stream = openStream(["a", "b", "c"], false);
    const reply = client.chat(PARAMS);
    const seen: string[] = [];
    const read = reply.forEach((event) => {
      if (event.type !== "text_delta") return undefined;
      seen.push(event.delta);
      return event.delta === "b" ? fail() : undefined;
    });
    await expect(read).rejects.toBe(mistake);
    expect(seen).toEqual(["a", "b"]);
    expect(await stream.closed).toBe("client-left");
    await expect(reply.result()).rejects.toMatchObject({ code: "ABORTED", cause: mistake });
  });

  test("with what the function throws at the very end", async () => {
    const reply = client.chat(PARAMS);
    const read = reply.forEach((event) => {
      if (event.type === "done") throw mistake;
    });
    await expect(read).rejects.toBe(mistake);
    expect((await reply.result()).text).toContain("Hello");
  });

  test("when it is aborted by its own function", async () => {
    const stream = openStream(["a", "b"], false);
    const reply = client.chat(PARAMS);
    const seen: string[] = [];
    const read = reply.forEach((event) => {
      if (event.type !== "text_delta") return;
      seen.push(event.delta);
      reply.abort("enough");
    });
    await expect(read).rejects.toMatchObject({ code: "ABORTED", cause: "enough", partial: { text: "a" } });
    expect(seen).toEqual(["a"]);
    expect(await stream.closed).toBe("client-left");
  });

  test("what is no function is refused, and the reply can still be read", async () => {
    const reply = client.chat(PARAMS);
    // @ts-expect-error a text is no function
    await expect(reply.forEach("text_delta")).rejects.toThrow(/needs a function/);
    expect((await reply.result()).text).toContain("Hello");
  });

  test("a reply is read once", async () => {
    const reply = client.chat(PARAMS);
    const read = reply.forEach(() => {});
    await expect(reply.forEach(() => {})).rejects.toThrow(TypeError);
    expect(() => reply[Symbol.asyncIterator]()).toThrow(/being read already/);
    expect(() => reply.rawChunks()).toThrow(TypeError);
    await read;
    const drained = client.chat(PARAMS);
    await drained.result();
    await expect(drained.forEach(() => {})).rejects.toThrow(/result\(\) has consumed/);
  });
});

test("the function runs in the context of its caller, not of the one who opened the connection", async () => {
  const context = new AsyncLocalStorage<string>();
  const seen = new Set<string | undefined>();
  const read = (name: string) =>
    context.run(name, () => client.chat(PARAMS).forEach(() => void seen.add(context.getStore())));
  await read("first");
  await read("second");
  expect([...seen]).toEqual(["first", "second"]);
});
