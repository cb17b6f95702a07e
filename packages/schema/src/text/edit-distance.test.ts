import * as fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance } from "./edit-distance.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["model", "model", 0],
  ["kitten", "sitting", 3],
  ["flaw", "lawn", 2],
  ["baseUrl", "baseURL", 2],
  ["qwen3-8b", "qwen3-vl-8b", 3],
])("%j and %j differ by %i", (one, other, distance) => {
  expect(editDistance(one, other)).toBe(distance);
  expect(editDistance(other, one)).toBe(distance);
});

const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 7 });

/** As the definition says it, in exponential time. */
function defined(one: string, other: string): number {
  if (one === "" || other === "") return one.length + other.length;
  const [first, second] = [one.slice(1), other.slice(1)];
  if (one[0] === other[0]) return defined(first, second);
  return 1 + Math.min(defined(first, other), defined(one, second), defined(first, second));
}

test("is what its definition says", () => {
  fc.assert(fc.property(text, text, (one, other) => editDistance(one, other) === defined(one, other)));
});
