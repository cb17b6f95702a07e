import { expect, test, vi } from "vitest";
import { parseRateLimit } from "./rate-limit.ts";

const read = (headers: Record<string, string>) => parseRateLimit((name) => headers[name]);

test.each<[string, number | undefined]>([
  ["1s", 1000],
  ["6m0s", 360_000],
  ["1h2m3.5s", 3_723_500],
  ["20ms", 20],
  ["12", 12_000],
  ["0.5", 500],
  ["soon", undefined],
  ["", undefined],
  ["-1", undefined],
  ["1s2h", undefined],
])("reset %j", (reset, resetMs) => {
  const quota = read({ "x-ratelimit-remaining-tokens": "1", "x-ratelimit-reset-tokens": reset })?.tokens;
  expect(quota).toEqual({ remaining: 1, ...(resetMs === undefined ? {} : { resetMs }) });
});

test("a second since 1970 is counted from now", () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const { resetMs } = read({ "x-ratelimit-limit": "5", "x-ratelimit-reset": "1800000060" })?.requests ?? {};
  vi.useRealTimers();
  expect(resetMs).toBe(60_000);
});

test("what is no number says nothing", () => {
  expect(read({})).toBeUndefined();
  expect(read({ "x-ratelimit-limit-requests": "many", "x-ratelimit-reset-requests": "1s" })).toBeUndefined();
});
