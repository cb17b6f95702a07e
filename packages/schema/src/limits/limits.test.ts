import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../index.ts";
import { errorFromLimit, parseLimits } from "../internal.ts";
import type { EndingLimit } from "../internal.ts";

const context = { url: "http://key@gpu:8000/v1/models?token=x", requestId: "r-1" };

describe("parseLimits", () => {
  test("fills in the defaults", () => {
    expect(parseLimits()).toEqual(DEFAULT_LIMITS);
    expect(parseLimits({ nesting: 20, headBytes: undefined })).toEqual({ ...DEFAULT_LIMITS, nesting: 20 });
  });

  test.each([0, -1, 1.5, NaN, Infinity, "8 MiB", null, false])("%s is not a limit", (value) => {
    const given = { eventBytes: value as number };
    expect(() => parseLimits(given)).toThrow("limits.eventBytes is not a whole number from 1.");
  });

  test.each(["bytes", "toString", "__proto__"])("%s is not the name of one", (name) => {
    const given = JSON.parse(`{"${name}": 1}`) as object;
    expect(() => parseLimits(given)).toThrow(`limits.${name} does not exist.`);
  });
});

describe("errorFromLimit", () => {
  test.each<[EndingLimit, number, string]>([
    ["headBytes", 65_536, "The head of the answer from http://gpu:8000/v1/models is larger than 64 KiB."],
    ["eventBytes", 16_777_216, "An event in the stream from http://gpu:8000/v1/models is larger than 16 MiB."],
    ["answerBytes", 67_108_864, "The answer from http://gpu:8000/v1/models is larger than 64 MiB."],
    ["auxiliaryBytes", 1000, "The answer from http://gpu:8000/v1/models is larger than 1000 bytes."],
    ["argumentsLength", 16_777_216, "A tool call from http://gpu:8000/v1/models is larger than 16 Mi characters."],
  ])("%s", (name, limit, message) => {
    expect(errorFromLimit(name, limit, context)).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      message,
      hint: expect.stringContaining(`limits.${name}`),
      requestId: "r-1",
      isRetryable: false,
    });
  });

  test("nesting", () => {
    expect(errorFromLimit("nesting", 1000, context)).toMatchObject({
      code: "STREAM_MALFORMED",
      message: "The JSON from http://gpu:8000/v1/models is nested deeper than 1000 levels.",
      hint: expect.stringContaining("limits.nesting"),
    });
  });
});
