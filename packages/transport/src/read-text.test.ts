import { describe, expect, test } from "vitest";
import { readText } from "./read-text.ts";

/** An answer in these pieces, and whether its rest was let go of. */
function answerOf(...pieces: Uint8Array[]) {
  const state = { isCancelled: false };
  const waiting = [...pieces];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = waiting.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel() {
        state.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body), state };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("readText", () => {
  test.each([
    ["no body", new Response(null), ""],
    ["a body below the limit", new Response("four"), "four"],
    ["a body of exactly the limit", new Response("12345678"), "12345678"],
  ])("reads %s whole", async (_name, response, text) => {
    expect(await readText(response, 8)).toEqual({ text, isTruncated: false });
  });

  test("puts a character together that came in two pieces", async () => {
    const [first, second] = [bytes("wö").subarray(0, 2), bytes("wö").subarray(2)];
    expect(await readText(answerOf(first, second).response, 8)).toEqual({ text: "wö", isTruncated: false });
  });

  test("stops at the limit, says so, and receives no more", async () => {
    const { response, state } = answerOf(bytes("12345"), bytes("67890"), bytes("never read"));
    expect(await readText(response, 8)).toEqual({ text: "12345678", isTruncated: true });
    expect(state.isCancelled).toBe(true);
  });

  test("knows a longer body where the limit falls between two pieces", async () => {
    const { response, state } = answerOf(bytes("12345678"), bytes("9"));
    expect(await readText(response, 8)).toEqual({ text: "12345678", isTruncated: true });
    expect(state.isCancelled).toBe(true);
  });

  test("passes on that the connection broke", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
    await expect(readText(new Response(body), 8)).rejects.toThrow("broken");
  });
});
