import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDeeperThan } from "../internal.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("isDeeperThan", () => {
  test("counts the levels of any JSON, brackets and quotes in strings aside", () => {
    const text = fc.string({ unit: fc.constantFrom("[", "]", "{", "}", '"', "\\", "a", "é") });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        text,
        fc.integer(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(text, tie("value"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.boolean(), (json, isIndented) => {
        const written = JSON.stringify(json, null, isIndented ? 2 : undefined);
        const depth = depthOf(json);
        expect(isDeeperThan(written, depth)).toBe(false);
        if (depth > 0) expect(isDeeperThan(written, depth - 1)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("finds one deep place among many", () => {
    const deep = `${'{"a":['.repeat(500)}1${"]}".repeat(500)}`;
    const wide = `[${"[],".repeat(5000)}${deep}]`;
    expect(isDeeperThan(wide, 1001)).toBe(false);
    expect(isDeeperThan(wide, 1000)).toBe(true);
  });
});
