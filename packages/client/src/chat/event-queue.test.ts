import { describe, expect, test } from "vitest";
import { EventQueue } from "./event-queue.ts";

function create() {
  const calls: string[] = [];
  const queue = new EventQueue<number>({ onFull: () => calls.push("full"), onDrained: () => calls.push("drained") });
  return { queue, calls };
}

describe("EventQueue", () => {
  test("hands items on in order, to readers before and after them", async () => {
    const { queue } = create();
    const early = [queue.next(), queue.next()];
    queue.push(1);
    queue.push(2);
    queue.push(3);
    expect(await Promise.all([...early, queue.next()])).toEqual([1, 2, 3].map((value) => ({ value, done: false })));
  });

  test("ends once: items first, then the end, for everybody", async () => {
    const { queue } = create();
    queue.push(1);
    queue.end();
    queue.push(2);
    expect(await queue.next()).toEqual({ value: 1, done: false });
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });

  test("fails once: items first, then the error, then nothing", async () => {
    const { queue } = create();
    queue.push(1);
    queue.fail(new Error("e"));
    expect(await queue.next()).toEqual({ value: 1, done: false });
    await expect(queue.next()).rejects.toThrow("e");
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    const { queue: waiting } = create();
    const [one, other] = [waiting.next(), waiting.next()];
    waiting.fail(new Error("e"));
    await expect(one).rejects.toThrow("e");
    expect(await other).toEqual({ value: undefined, done: true });
  });

  test("asks for a pause when it is full, and goes on when it is nearly empty", async () => {
    const { queue, calls } = create();
    for (let item = 0; item < 3000; item += 1) queue.push(item);
    expect(calls).toEqual(["full"]);
    for (let item = 0; item < 2743; item += 1) expect((await queue.next()).value).toBe(item);
    expect(calls).toEqual(["full"]);
    await queue.next();
    expect(calls).toEqual(["full", "drained"]);
  });

  test("a few large items fill it too, until they are read", async () => {
    const { queue, calls } = create();
    const next = queue.next();
    for (let item = 0; item < 9; item += 1) {
      queue.push(item);
      queue.weigh(200_000);
    }
    // The first went to a reader that was waiting, with nothing left behind it.
    expect((await next).value).toBe(0);
    expect(calls).toEqual(["full"]);
    for (let item = 1; item < 8; item += 1) expect((await queue.next()).value).toBe(item);
    expect(calls).toEqual(["full"]);
    await queue.next();
    expect(calls).toEqual(["full", "drained"]);
    queue.push(9);
    queue.weigh(900_000);
    expect(calls).toEqual(["full", "drained"]);
  });

  test("bytes that nobody waits to read hold nothing back", () => {
    const { queue, calls } = create();
    queue.weigh(5_000_000);
    queue.push(1);
    queue.weigh(10);
    expect(calls).toEqual([]);
    queue.weigh(2_000_000);
    queue.clear();
    expect(calls).toEqual(["full", "drained"]);
  });

  test("a reader that is always a little behind loses nothing", async () => {
    const { queue } = create();
    for (let item = 0; item < 100; item += 1) queue.push(item);
    for (let item = 100; item < 20_000; item += 1) {
      queue.push(item);
      expect((await queue.next()).value).toBe(item - 100);
    }
  });

  test("holds nothing back once it is told so, and knows whether a reader waits", () => {
    const { queue, calls } = create();
    for (let item = 0; item < 2000; item += 1) queue.push(item);
    queue.stopHoldingBack();
    for (let item = 0; item < 2000; item += 1) queue.push(item);
    expect(calls).toEqual(["full", "drained"]);
    expect(queue.hasReader).toBe(false);
    const { queue: empty } = create();
    void empty.next();
    expect(empty.hasReader).toBe(true);
  });

  test("clear lets the server go on", () => {
    const { queue, calls } = create();
    for (let item = 0; item < 2000; item += 1) queue.push(item);
    queue.clear();
    expect(calls).toEqual(["full", "drained"]);
    expect(queue.isEmpty).toBe(true);
  });
});
