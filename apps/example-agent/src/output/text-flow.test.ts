import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createColors } from "./colors.ts";
import { createTextFlow } from "./text-flow.ts";

interface Given {
  columns?: number;
  isColored?: boolean;
  column?: number;
  isMarkdown?: boolean;
}

function flow(pieces: readonly string[], { columns = 20, isColored = false, isMarkdown = true, column }: Given = {}) {
  const text = createTextFlow({ columns, colors: createColors(isColored), isMarkdown, ...(column && { column }) });
  return pieces.map((piece) => text.next(piece)).join("") + text.end();
}

const marked = (text: string): string =>
  flow([text], { columns: 60, isColored: true })
    .replaceAll("\u001b[1m", "<b>")
    .replaceAll("\u001b[22m", "</b>")
    .replaceAll("\u001b[36m", "<c>")
    .replaceAll("\u001b[39m", "</c>")
    .replaceAll("</c><c>", "");

describe("lines", () => {
  test.each([
    ["break between words", "one two three four five six", "one two three four\nfive six"],
    ["wide characters count twice", "模型模型模型 模型模型", "模型模型模型\n模型模型"],
    [
      "a longer word stays whole",
      "see https://example.com/a/long/path now",
      "see\nhttps://example.com/a/long/path\nnow",
    ],
    ["go on below the text of an item", "- one two three four five", "- one two three four\n  five"],
    ["an item of an item", "  1. one two three four", "  1. one two three\n     four"],
    ["keep their own ends and indents", "a\n\n    b  c\n", "a\n\n    b  c\n"],
  ])("%s", (_what, given, shown) => {
    expect(flow([given])).toBe(shown);
  });

  test("the first one begins behind what stands there", () => {
    expect(flow(["one two three"], { column: 11 })).toBe("one two\nthree");
  });

  test("a word without an end is not waited for", () => {
    const text = createTextFlow({ columns: 20, colors: createColors(false), isMarkdown: true });
    expect(text.next(`a ${"x".repeat(5000)}`).length).toBeGreaterThan(4000);
    expect(text.next("x b")).toMatch(/^x+$/);
    expect(flow(["a ", "x".repeat(999), "yy", "z b"])).toBe(`a\n${"x".repeat(999)}yyz\nb`);
  });

  test("a pipe gets every character", () => {
    expect(flow(["a  \n", "**b** ", "c "], { columns: Number.POSITIVE_INFINITY })).toBe("a  \n**b** c ");
  });
});

describe("Markdown", () => {
  test.each([
    ["bold and code", "**Yes**, run `ls -l` (**now**).", "<b>Yes</b>, run <c>ls</c> <c>-l</c> (<b>now</b>)."],
    ["a heading", "## Two words\nthen", "<b>##</b> <b>Two</b> <b>words</b>\nthen"],
    ["no marks", "2**10 and ** and `**x**`", "2**10 and ** and <c>**x**</c>"],
    ["a mark that is not closed ends with its line", "**a\nb `c\nd", "<b>a</b>\nb <c>c</c>\nd"],
    ["code in bold", "**`a`** b", "<c>a</c> b"],
    ["a fence", "```sh\n**a** # b\n```\nc", "<c>```sh</c>\n<c>**a**</c> <c>#</c> <c>b</c>\n```\nc"],
  ])("%s", (_what, given, shown) => {
    expect(marked(given)).toBe(shown);
  });

  test("code and tables are not broken", () => {
    const text = "```\nfirst second third fourth\n```\n| a long row | of a table |\n";
    expect(stripVTControlCharacters(flow([text], { isColored: true }))).toBe(text);
  });

  test("without colours the marks are shown", () => {
    expect(flow(["**a** `b`"])).toBe("**a** `b`");
  });
});

test("the pieces in which a text comes make no difference", () => {
  const words = fc.constantFrom("**", "a", "`", " ", "\n", "- ", "```", "# ", "模", "|", "long-word");
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.boolean(), (pieces, isColored) => {
      expect(flow(pieces, { isColored })).toBe(flow([pieces.join("")], { isColored }));
    }),
  );
});
