import { isDeepStrictEqual } from "node:util";
import { rechunk } from "@vllm-tooling/fixtures";
import type { ChatEvent } from "@vllm/client";
import { expect } from "vitest";
import { readBytes } from "./read-bytes.ts";

/** A body in other pieces gives the same events, one by one, deltas included: pieces of the network never show. */
export function checkChunkings(body: Uint8Array, ways: readonly (readonly number[] | number)[]): void {
  const whole = readBytes([body], { fast: false });
  for (const way of ways) expectSame(readBytes(rechunk(body, way)), whole);
  expectSame(readBytes(rechunk(body, [31, 300, 2]), { portable: true }), whole);
}

/** The start of a body, cut at so many places, gives the start of the answer, and never a finished one that is not. */
export function checkCuts(body: Uint8Array, places: number): void {
  const whole = readBytes([body], { fast: false });
  const opening = withoutEndings(whole.events);
  const step = Math.max(1, Math.floor(body.length / places));
  for (let at = 0; at < body.length; at += step) {
    const { events, end, partial } = readBytes([body.subarray(0, at)]);
    const begun = withoutEndings(events);
    expectSame(begun, opening.slice(0, begun.length));
    expect(whole.partial.text.startsWith(partial.text)).toBe(true);
    expect(whole.partial.thinking.startsWith(partial.thinking)).toBe(true);
    if (end === "answered") expect(begun.length).toBe(opening.length);
    for (const call of partial.toolCalls) expect(call.arguments).toBeUndefined();
  }
}

/** Blocks are closed when the answer is, and warnings depend on the whole. */
function withoutEndings(events: readonly ChatEvent[]): ChatEvent[] {
  return events.filter((event) => !/^(text_end|thinking_end|toolcall_end|warning)$/.test(event.type));
}

/** Faster than `toEqual` on thousands of events; that is used to show a difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
