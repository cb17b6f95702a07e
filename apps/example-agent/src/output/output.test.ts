import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBlockText } from "./block-text.ts";
import { formatCount, formatDuration, formatPlural } from "./format-numbers.ts";
import { toSafeLine, toSafeText } from "./safe-text.ts";
import { createSink } from "./sink.ts";
import { wrap } from "./wrap.ts";

describe("toSafeText", () => {
  test.each([
    ["plain\ttext\nhere", "plain\ttext\nhere"],
    ["\u001b[31mred\u001b[0m", "[31mred[0m"],
    ["\u001b]0;title\u0007", "]0;title"],
    ["a\rb\u0008c\u0000d", "abcd"],
    ["\u009b2Jc1", "2Jc1"],
    ["safe\u202etxt.exe", "safetxt.exe"],
    ["👩‍👩‍👧 שלום 🇫🇷", "👩‍👩‍👧 שלום 🇫🇷"],
  ])("%j", (text, safe) => {
    expect(toSafeText(text)).toBe(safe);
  });

  test("a line stays one line", () => {
    expect(toSafeLine("  a\n\u001b[2J b\t\r\n c ")).toBe("a [2J b c");
  });
});

const pass = (...pieces: string[]) => {
  const block = createBlockText();
  return pieces.map((piece) => block.next(piece));
};

describe("createBlockText", () => {
  test("no white space before the first character or after the last", () => {
    expect(pass("\n", "\n", "It", " is", " \n", "\n", "so.", "\n\n")).toEqual([
      "",
      "",
      "It",
      " is",
      "",
      "",
      " \n\nso.",
      "",
    ]);
  });

  test("is the trimmed text, however it is cut", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é", "😀") });
    fc.assert(
      fc.property(fc.array(text), (pieces) => {
        expect(pass(...pieces).join("")).toBe(pieces.join("").trim());
      }),
    );
  });
});

describe("createSink", () => {
  test("ends lines once, and keeps one blank line", () => {
    let text = "";
    const sink = createSink((piece) => (text += piece));
    sink.endLine();
    sink.blankLine();
    sink.write("a");
    sink.endLine();
    sink.endLine();
    sink.write("b\n");
    sink.blankLine();
    sink.blankLine();
    sink.write("c\n");
    sink.write("\n");
    sink.blankLine();
    sink.write("");
    sink.write("d");
    sink.blankLine();
    sink.lineWasEnded();
    sink.endLine();
    sink.write("e\n");
    sink.lineWasEnded();
    sink.blankLine();
    expect(text).toBe("a\nb\n\nc\n\nd\n\ne\n\n");
  });
});

test("wrap", () => {
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrap("a http://a-very-long-address b", 10)).toEqual(["a", "http://a-very-long-address", "b"]);
  expect(wrap("one two three", Number.POSITIVE_INFINITY)).toEqual(["one two three"]);
  expect(wrap("", 10)).toEqual([""]);
});

test("numbers as people read them", () => {
  expect(formatCount(32_768)).toBe("32,768");
  expect([0.4, 42.4, 999, 1300, 59_940, 125_000].map(formatDuration)).toEqual([
    "0 ms",
    "42 ms",
    "999 ms",
    "1.3 s",
    "59.9 s",
    "2 min 5 s",
  ]);
  expect([formatPlural(1, "turn"), formatPlural(2, "turn"), formatPlural(0, "turn")]).toEqual([
    "1 turn",
    "2 turns",
    "0 turns",
  ]);
});
