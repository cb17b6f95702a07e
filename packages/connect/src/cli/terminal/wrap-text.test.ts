import * as fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { hangText, widestWord, wrapText } from "./wrap-text.ts";

describe("wrapText", () => {
  test("breaks between words, and repeats the indentation", () => {
    expect(wrapText("  one two three", 9)).toEqual(["  one two", "  three"]);
  });

  test("an id that is too long goes on in the next line, whole", () => {
    expect(wrapText("  abcdefghij x", 7)).toEqual(["  abcde", "  fghij", "  x"]);
  });

  test("without a width nothing is broken", () => {
    expect(wrapText("a ".repeat(500).trim(), Number.POSITIVE_INFINITY)).toHaveLength(1);
  });

  test("any text: no line is wider than asked, and nothing but white space is lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 4, max: 60 }), (text, width) => {
        const lines = wrapText(text.trim(), width);
        // A single character can be two columns wide.
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      }),
    );
  });
});

test("hangText: what goes on stands below the text, not below its mark", () => {
  expect(`✖ ${hangText("one two three\nfour", 2, 9)}`).toBe("✖ one two\n  three\n  four");
});

test("hangText: a command is whole on its line, also where no line is wide enough", () => {
  const text = "Mend it, then vllm-connect sync --agent openclaw again";
  expect(hangText(text, 2, 40)).toBe("Mend it, then\n  vllm-connect sync --agent openclaw\n  again");
  expect(hangText(text, 2, 30)).toBe("Mend it, then\n  vllm-connect sync --agent openclaw\n  again");
  expect(hangText("Install it: npm install -g @a/pi", 4, 24)).toBe("Install it:\n    npm install -g @a/pi");
});

test("widestWord counts columns, with the indentation", () => {
  expect([widestWord("  ab cde"), widestWord("模型 a"), widestWord("")]).toEqual([5, 4, 0]);
});
