import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonPrefix } from "./is-json-prefix.ts";

describe("isJsonPrefix", () => {
  test.each([
    "",
    " ",
    "{",
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a": ',
    '{"a":1',
    '{"a":1,',
    '{"a":1, "b',
    '{"a":"x',
    '{"a":"x\\',
    '{"a":"x\\u00',
    "[",
    "[1,",
    "[[",
    '{"a":t',
    '{"a":tru',
    '{"a":n',
    '{"a":-',
    '{"a":1.',
    '{"a":1e',
    '{"a":1e+',
    '{"a":[{"b":"',
    '"text',
    "-",
    "12",
    "tr",
  ])("%j could go on", (text) => expect(isJsonPrefix(text)).toBe(true));

  test.each([
    "{}",
    "[]",
    '{"a":1}',
    '"text"',
    "true",
    "null",
    '{"a":1} ',
    "{a",
    "{'a'",
    '{"a" 1',
    '{"a":1 "b"',
    '{"a":,',
    '{"a":x',
    '{"a":tx',
    '{"a":01',
    '{"a":1..',
    '{"a":"\n',
    '{"a":"\\q',
    '{"a":"\\ux',
    "{,",
    "[,",
    '{"city": "Paris",{"city": "Paris"}',
    "}",
    "]",
    "x",
    '{"a":1]',
    "[1}",
  ])("%j could not", (text) => expect(isJsonPrefix(text)).toBe(false));

  test("every beginning of valid JSON could go on, up to the point where it is complete", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        for (let end = 0; end < text.length; end += 1) expect(isJsonPrefix(text.slice(0, end))).toBe(true);
        expect(isJsonPrefix(text)).toBe(false);
      }),
    );
  });

  test("deep nesting does not break it", () => {
    expect(typeof isJsonPrefix("[".repeat(200_000))).toBe("boolean");
  });
});
