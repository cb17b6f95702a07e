import { expect, test } from "vitest";
import { parseMilliseconds } from "./parse-milliseconds.ts";

test.each([
  [undefined, 5000],
  [0, 0],
  [250.5, 250.5],
  [Number.POSITIVE_INFINITY, 2_147_483_647],
])("%s is %d", (value, ms) => {
  expect(parseMilliseconds("timeoutMs", value, 5000)).toBe(ms);
});

test.each([
  [Number.NaN, "NaN"],
  [-1, "-1"],
  ["5s", '"5s"'],
  [null, "null"],
])("%s is refused", (value, shown) => {
  expect(() => parseMilliseconds("timeoutMs", value as number, 5000)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: `timeoutMs is ${shown}, and must be a number of milliseconds from 0.`,
      hint: "Change it, for example to 5000, or leave it out.",
    }),
  );
});
