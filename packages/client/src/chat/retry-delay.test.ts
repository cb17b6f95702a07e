import { VllmError, type VllmErrorOptions } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { retryDelay } from "./retry-delay.ts";

const make = (options: Partial<VllmErrorOptions>) =>
  new VllmError({ code: "SERVER_ERROR", message: "m", hint: "h", ...options });

describe("retryDelay", () => {
  test.each<[string, Partial<VllmErrorOptions>, boolean]>([
    ["refused", { code: "SERVER_UNREACHABLE", reason: "refused" }, true],
    ["reset", { code: "SERVER_UNREACHABLE", reason: "reset" }, true],
    ["an answer without a byte", { code: "STREAM_ENDED_EARLY" }, true],
    ["408", { code: "REQUEST_TIMEOUT", status: 408 }, true],
    ["429", { code: "RATE_LIMITED", status: 429 }, true],
    ["502", { status: 502 }, true],
    ["503", { status: 503 }, true],
    ["a router that reaches no server", { status: 500, reason: "upstream-unreachable" }, true],
    ["the same in mid-stream", { reason: "upstream-unreachable" }, false],
    ["a proxy that could not reach the server", { status: 522, reason: "upstream-unreachable" }, true],
    ["504, which the server may be at work on", { code: "REQUEST_TIMEOUT", status: 504, isRetryable: true }, false],
    ["524", { code: "REQUEST_TIMEOUT", status: 524, isRetryable: true }, false],
    ["520", { status: 520, isRetryable: true }, false],
    ["499", { status: 499, isRetryable: true }, false],
    ["a slow connection", { code: "SERVER_UNREACHABLE", reason: "timeout" }, false],
    ["an unknown name", { code: "SERVER_UNREACHABLE", reason: "dns" }, false],
    ["a certificate", { code: "SERVER_UNREACHABLE", reason: "tls" }, false],
    ["our own limit", { code: "REQUEST_TIMEOUT", isRetryable: true }, false],
    ["500", { status: 500, isRetryable: true }, false],
    ["400", { code: "INVALID_REQUEST", status: 400 }, false],
    ["401", { code: "AUTHENTICATION_FAILED", status: 401 }, false],
    ["not an event stream", { code: "STREAM_MALFORMED", status: 200 }, false],
    ["a long Retry-After", { code: "RATE_LIMITED", status: 429, retryAfterMs: 31_000 }, false],
  ])("%s", (_, options, isRetried) => {
    expect(retryDelay(make(options), 0, 2) !== undefined).toBe(isRetried);
    expect(retryDelay(make(options), 2, 2)).toBeUndefined();
    expect(retryDelay(make(options), 0, 0)).toBeUndefined();
  });

  test("grows, within bounds, and well under two seconds in all when nobody listens", () => {
    const refused = make({ code: "SERVER_UNREACHABLE", reason: "refused" });
    expect([0, 1].map((attempt) => retryDelay(refused, attempt, 2))).toEqual([100, 300]);
    expect(retryDelay(refused, 9, 10)).toBe(1000);
    const busy = make({ code: "RATE_LIMITED", status: 429 });
    expect([0, 1, 9].map((attempt) => retryDelay(busy, attempt, 10, 1))).toEqual([500, 1000, 8000]);
    expect(retryDelay(busy, 0, 2, 0)).toBe(375);
    expect(retryDelay(make({ code: "RATE_LIMITED", status: 429, retryAfterMs: 2500 }), 0, 2)).toBe(2500);
  });
});
