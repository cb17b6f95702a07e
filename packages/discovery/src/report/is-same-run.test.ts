import { expect, test } from "vitest";
import { isSameRun } from "./is-same-run.ts";

test.each([
  [1000, 1500, true],
  [1000, 9000, false],
  [undefined, 9000, true],
  [1000, undefined, true],
])("started at %s and at %s: %s", (left, right, same) => {
  expect(isSameRun({ version: "0.32.0", startedAt: left }, { version: "0.32.0", startedAt: right })).toBe(same);
});

test.each([
  ["0.32.0", "0.32.0", true],
  ["0.32.0", "0.31.0", false],
  ["0.32.0", undefined, true],
  [undefined, "0.32.0", true],
])("version %s and %s: %s", (left, right, same) => {
  expect(isSameRun({ version: left, startedAt: 1 }, { version: right, startedAt: 1 })).toBe(same);
});
