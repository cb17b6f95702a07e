import * as fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { scanDocument, type DocumentNode } from "../internal.ts";

/** What the nodes say of a text: its values, each read from its own span. */
function readNode(text: string, node: DocumentNode): unknown {
  if (node.kind === "array") return node.entries.map(({ value }) => readNode(text, value));
  if (node.kind === "scalar") return JSON5.parse(text.slice(node.start, node.end));
  const value: Record<string, unknown> = {};
  for (const entry of node.entries)
    Object.defineProperty(value, entry.key, {
      value: readNode(text, entry.value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return value;
}

const scanned = (text: string) => readNode(text, scanDocument(text));

describe("scanDocument", () => {
  test.each([
    ["escapes", String.raw`{"\b\f\n\r\t\v\0\x41\u0042\'\"\\\/\a": 1}`],
    ["a key over two lines", '{"a\\\nb": 1, "c\\\r\nd": 2, "e\\\u2028f": 3}'],
    ["an escaped identifier", String.raw`{\u0061b: 1, $_: 2, ünï: 3}`],
    ["__proto__ and the like", `{__proto__: 1, "constructor": {toString: 2}}`],
    ["comments and signs everywhere", "/*{*/[ // ]\n +1, -.5, /**/ Infinity, 'a//b', \"/*\" ,]//"],
    ["an empty object in a list", "[{}, [], {a: [{}]}]"],
    ["a value alone", "  'x' "],
    ["a key that is written twice", "{a: 1, a: {b: 2}}"],
  ])("%s", (_, text) => {
    expect(scanned(text)).toEqual(JSON5.parse(text));
  });

  test("any value, as JSON5 writes it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), fc.constantFrom('"', "'"), (value, space, quote) => {
        const text = JSON5.stringify(value, { space: space ?? null, quote });
        expect(scanned(text)).toEqual(JSON5.parse(text));
      }),
    );
  });

  test("any key with escapes, as JSON5 reads it", () => {
    const piece = fc.oneof(
      fc.constantFrom("\\n", "\\x41", "\\u0041", "\\\\", "\\'", "\\\n", "\\\r\n", "\\z", "\\0", "a", "é"),
      fc.string().map((text) => text.replaceAll(/[\\"\r\n\u2028\u2029\d]/g, "")),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `{"${pieces.join("")}": 1}`;
        expect(scanned(text)).toEqual(JSON5.parse(text));
      }),
    );
  });

  test("depth costs no stack", () => {
    const text = `${'{"a":['.repeat(100_000)}1${"]}".repeat(100_000)}`;
    const root = scanDocument(text);
    expect([root.kind, root.start, root.end]).toEqual(["object", 0, text.length]);
  });
});
