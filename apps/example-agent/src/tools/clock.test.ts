import { describe, expect, test } from "vitest";
import { createClock } from "./clock.ts";

const context = { signal: new AbortController().signal, maxChars: 1000 };
const clock = createClock(() => new Date("2026-11-22T17:47:03Z"));

describe("clock", () => {
  test.each([
    ["UTC", "Sunday, 22 November 2026, 17:47:03 (UTC)"],
    ["Europe/Paris", "Sunday, 22 November 2026, 18:47:03 (Europe/Paris)"],
    ["Asia/Tokyo", "Monday, 23 November 2026, 02:47:03 (Asia/Tokyo)"],
    [" UTC ", "Sunday, 22 November 2026, 17:47:03 (UTC)"],
    ["", "Sunday, 22 November 2026, 17:47:03 (UTC)"],
    [undefined, "Sunday, 22 November 2026, 17:47:03 (UTC)"],
  ])("%j: %s", (timezone, text) => {
    expect(clock.run({ timezone }, context)).toBe(text);
  });

  test("midnight is 00, not 24", () => {
    const midnight = createClock(() => new Date("2026-11-22T00:00:00Z"));
    expect(midnight.run({ timezone: "UTC" }, context)).toContain("00:00:00");
  });

  test("an unknown zone is answered with examples", () => {
    expect(() => clock.run({ timezone: "Mars/Olympus" }, context)).toThrow(
      '"Mars/Olympus" is not a time zone. Use an IANA name such as "UTC", "Europe/Paris" or "Asia/Tokyo".',
    );
  });
});
