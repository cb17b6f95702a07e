import { describe, expect, test } from "vitest";
import { describePieces, readPieces } from "../../test/families/read-pieces.ts";

describe("cost", () => {
  test("a long call in small pieces is read in linear time", () => {
    const time = (size: number) => {
      const text = `<tool_call>{"name": "get_weather", "arguments": {"city": "${"x".repeat(size)}"}}</tool_call>`;
      const pieces = text.match(/[\s\S]{1,4}/g) ?? [];
      const start = performance.now();
      expect(readPieces(pieces)).toHaveLength(1);
      return performance.now() - start;
    };
    time(20_000);
    expect(time(400_000)).toBeLessThan(40 * Math.max(5, time(20_000)));
  });

  test("many beginnings that come to nothing do not stall", () => {
    const start = performance.now();
    const text = "<tool_call><function=get_weather><parameter=city>".repeat(5000);
    expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("a long answer without markup costs little", () => {
    const pieces = Array.from({ length: 50_000 }, (_, index) => `word${index} <b> [x] `);
    const start = performance.now();
    expect(readPieces(pieces)).toEqual([{ type: "text", text: pieces.join("") }]);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
