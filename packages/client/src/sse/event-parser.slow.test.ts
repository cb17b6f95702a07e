import { expect, test } from "vitest";
import { createByteBlock } from "@vllm/transport/internal";
import { EventParser } from "./event-parser.ts";

const encode = (text: string) => new TextEncoder().encode(text);

test("a line of many pieces costs as much as its length", () => {
  const piece = encode("x".repeat(1000));
  const time = (pieces: number) => {
    const start = process.cpuUsage();
    const parser = new EventParser({ onEvent() {}, onUnfinished() {} }, 100_000_000);
    parser.push(createByteBlock(encode("data: ")));
    for (let turn = 0; turn < pieces; turn += 1) parser.push(createByteBlock(piece));
    parser.push(createByteBlock(encode("\n\n")));
    return process.cpuUsage(start).user / 1000;
  };
  time(500);
  // Quadratic time would be a hundred times as much for ten times the pieces.
  expect(time(20_000)).toBeLessThan(40 * Math.max(time(2000), 2));
});
