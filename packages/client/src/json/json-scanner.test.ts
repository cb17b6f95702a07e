import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScanner } from "./json-scanner.ts";

function scanPieces(pieces: readonly string[]): number | "more" | "wrong" {
  const scanner = new JsonScanner();
  let before = 0;
  for (const piece of pieces) {
    const end = scanner.scan(piece, 0);
    if (end !== "more") return end === "wrong" ? end : before + end;
    before += piece.length;
  }
  return "more";
}

describe("JsonScanner", () => {
  test.each([
    ['{"a": 1} and more', 8],
    ['  [1, {"b": [true, null]}]x', 26],
    ['"text \\" with \\\\" rest', 17],
    ["{}", 2],
    ["[] ", 2],
    ["-1.5e3,", 6],
    ["true}", 4],
  ])("%s ends at %i", (text, end) => {
    expect(scanPieces([text])).toBe(end);
    expect(scanPieces([...text])).toBe(end);
  });

  test.each(['{"a": 1', '{"a"', "[1, ", '"open', '"open\\', "12", "tru", "", "   "])("%j may go on", (text) => {
    expect(scanPieces([text])).toBe("more");
  });

  test.each([
    "{a: 1}",
    "{ prose",
    '{"a" 1}',
    '{"a": 1,}',
    "[1,]",
    "[}",
    "{]",
    '"line\nbreak"',
    "x",
    "{,",
    '{"a":: 1}',
    "'a'",
  ])("%j is wrong", (text) => {
    expect(scanPieces([text])).toBe("wrong");
  });

  test("finds the end of any JSON, however it is cut", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 6 }), fc.constantFrom("", " ", ",x", "]"), (value, size, rest) => {
        const json = JSON.stringify({ value });
        const text = `${json}${rest}`;
        const pieces = text.match(new RegExp(`[\\s\\S]{1,${size + 1}}`, "g")) ?? [];
        expect(scanPieces(pieces)).toBe(json.length);
      }),
    );
  });
});
