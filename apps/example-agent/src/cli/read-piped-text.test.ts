import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { joinQuestion, readPipedText } from "./read-piped-text.ts";

const signal = new AbortController().signal;

describe("readPipedText", () => {
  test("reads to the end, characters whole", async () => {
    const stream = new PassThrough();
    const reading = readPipedText({ stream, kind: "hasty" }, signal);
    for (const byte of Buffer.from("schön 😀\n")) stream.write(Buffer.of(byte));
    stream.end();
    expect(await reading).toBe("schön 😀\n");
  });

  test("a shell's pipe may be slow", async () => {
    const stream = new PassThrough();
    const reading = readPipedText({ stream, kind: "patient" }, signal);
    setTimeout(() => stream.end("late"), 500);
    expect(await reading).toBe("late");
  });

  test("a pipe that nobody writes to is empty after a moment", async () => {
    expect(await readPipedText({ stream: new PassThrough(), kind: "hasty" }, signal)).toBeUndefined();
  });

  test("a busy machine loses nothing of what is there", async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "connection") as Promise<[Socket]>;
    connect((server.address() as AddressInfo).port, "127.0.0.1").end("early");
    const [stream] = await accepted;
    const reading = readPipedText({ stream, kind: "hasty" }, signal);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await reading).toBe("early");
    server.close();
  });

  test("a terminal is not read at all", async () => {
    const stream = new PassThrough();
    stream.write("typed");
    expect(await readPipedText({ stream, kind: "none" }, signal)).toBeUndefined();
    expect(stream.readableLength).toBe(5);
  });

  test.each([[""], ["  \n"]])("%j is nothing", async (text) => {
    const stream = new PassThrough();
    stream.end(text);
    expect(await readPipedText({ stream, kind: "patient" }, signal)).toBeUndefined();
  });

  test.each([
    ["before anything has come", ""],
    ["in the middle", "begun"],
  ])("the person's stop ends it %s", async (_when, text) => {
    const stream = new PassThrough();
    const controller = new AbortController();
    const reading = readPipedText({ stream, kind: "patient" }, controller.signal);
    stream.write(text);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await reading).toBe(text || undefined);
  });
});

test("joinQuestion", () => {
  expect(joinQuestion("summarise", undefined)).toBe("summarise");
  expect(joinQuestion("summarise", "a\nb\n\n")).toBe("summarise\n\n<input>\na\nb\n</input>");
});
