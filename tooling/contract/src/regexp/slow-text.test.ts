import { expect, test } from "vitest";
import { findSlowText } from "./slow-text.ts";

test.each([
  [/\s+$/, "blanks before something else"],
  [/^-+|-+$/g, "the second of two alternatives"],
  [/(<tool_calls[^>\s]*>)\s*<tool_call/, "a beginning that may stand in what is repeated"],
  [/\d+ validation errors?/, "a repetition at the beginning"],
  [/^\d+\.?\d*$/, "two repetitions of the same"],
  [/^.*x.*y.*$/s, "three of them"],
  [/(\/v1)+$/i, "a repeated word"],
  [/"(?:[^"\\]|\\.)*"/, "what opens may be what closes"],
  [/^(?:a|a)*$/, "two ways for each character"],
  [/^(a+)+$/, "a repetition in a repetition"],
  [/^(`{3,})[^\n]*\n[^]*?^\1/gm, "a run and its like"],
  [/\beyJ[\w-]{10,}\./, "words"],
  [/\/\*[^]*?\*\//g, "an end that does not come"],
  [/a(?=.*b)/g, "a look ahead at each place"],
])("%s is slow: %s", (pattern) => {
  expect(findSlowText(pattern)).toBeDefined();
});

test.each([
  [/(?<!\s)\s+$/],
  [/^\s+/],
  [/[?#].*$/s],
  [/\s+/g],
  [/^[^:]*:.*$/s],
  [/<tool_call>\s*<function=/],
  [/^\d+(?:\.\d*)?$/],
  [/`[^`\n]*`/g],
  [/\/\*[^]*?(?:\*\/|$)/g],
  [/^(?:ab|cd)*$/],
  [/\p{Cc}/gu],
  [/^.{0,200}x/],
  [/^ {0,3}(`{3,}|~{3,})/],
])("%s is linear", (pattern) => {
  expect(findSlowText(pattern)).toBeUndefined();
});
