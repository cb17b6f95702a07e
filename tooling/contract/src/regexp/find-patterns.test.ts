import { expect, test } from "vitest";
import { findPatterns } from "./find-patterns.ts";

test("finds what is written out and what is made, and no division", () => {
  const source = [
    "const half = (a: number) => a / 2 / 1;",
    "const text = `${half(3)} /no/`; // /no/",
    "export const pattern: RegExp = /a[/]b/gi;",
    'export const made = new RegExp("x" as string);',
  ].join("\n");
  expect(findPatterns(source, "a.ts")).toEqual({ literals: [{ line: 3, pattern: /a[/]b/gi }], made: [4] });
});
