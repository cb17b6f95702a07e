import { VllmError, type VllmErrorOptions } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { Retries, type FailedAttempt } from "./retry-rules.ts";

const SETTINGS = { maxRetries: 2, maxElsewhere: 3, fitMaxTokens: true, plainHistory: true };

function failed(error: Partial<VllmErrorOptions>, changed: Partial<FailedAttempt> = {}): FailedAttempt {
  const made = new VllmError({ code: "SERVER_ERROR", message: "m", hint: "h", ...error });
  return {
    error: made,
    body: { model: "m", max_tokens: 900 },
    profile: undefined,
    hadBytes: false,
    hasContent: false,
    waitedMs: 0,
    wasStale: false,
    findsCalls: true,
    hasFoundModel: true,
    settings: SETTINGS,
    explain: async () => made,
    findModelAgain: async () => "other",
    ...changed,
  };
}

const UNKNOWN_MODEL = { code: "MODEL_NOT_FOUND", status: 404 } as const;
const NO_PARSER = { code: "TOOL_PARSER_NOT_ENABLED", status: 400 } as const;
const TOO_LONG = { code: "CONTEXT_LENGTH_EXCEEDED", status: 400, maxModelLen: 1000, promptTokens: 400 } as const;
const REFUSED_HISTORY = { code: "CHAT_TEMPLATE_REJECTED", status: 400 } as const;
const SHUTTING_DOWN = { code: "ENGINE_FAILED", status: 500, reason: "shutting-down" } as const;
const UNREACHED = { status: 500, reason: "upstream-unreachable" } as const;
const BROKEN_FORMAT = { status: 500, reason: "output-format" } as const;

describe("each rule applies as often as it says", () => {
  test.each<[string, FailedAttempt, object[]]>([
    ["a model's slip", failed(BROKEN_FORMAT), [{}]],
    ["another model", failed(UNKNOWN_MODEL), [{ fields: { model: "other" } }]],
    [
      "the model that the refusal names",
      failed({ ...UNKNOWN_MODEL, availableModels: ["named"] }),
      [{ fields: { model: "named" } }],
    ],
    [
      "no tool parser",
      failed(NO_PARSER),
      [{ learned: { toolCalling: { value: "no" } }, warning: { code: "tools-in-text" } }],
    ],
    [
      "a refused history",
      failed(REFUSED_HISTORY),
      [{ learned: { history: { value: { laterSystem: "rejected" } } }, warning: { code: "HISTORY_MADE_PLAIN" } }],
    ],
    ["too much output", failed(TOO_LONG), [{ fields: { max_tokens: 600 }, warning: { code: "max-tokens-lowered" } }]],
    ["a busy server", failed({ status: 503 }), [{ delayMs: expect.any(Number) }, { delayMs: expect.any(Number) }]],
    ["a server that shuts down", failed(SHUTTING_DOWN), [250, 500, 1000].map(() => ({ delayMs: expect.any(Number) }))],
    ["a router's own 500", failed(UNREACHED), [250, 500, 1000].map(() => ({ delayMs: expect.any(Number) }))],
    [
      "a proxy's read timeout",
      failed({ code: "REQUEST_TIMEOUT", reason: "proxy-timeout" }, { waitedMs: 4000 }),
      [{ delayMs: 100 }, { delayMs: 300 }],
    ],
    ["no other server", failed(SHUTTING_DOWN, { settings: { ...SETTINGS, maxElsewhere: 0 } }), []],
    ["no retries", failed({ status: 503 }, { settings: { ...SETTINGS, maxRetries: 0 } }), []],
  ])("%s", async (_, attempt, expected) => {
    const retries = new Retries();
    for (const remedy of expected) expect(await retries.findRemedy(attempt)).toMatchObject(remedy);
    expect(await retries.findRemedy(attempt)).toBeUndefined();
  });

  test("a dead connection, as often as there are dead connections", async () => {
    const retries = new Retries();
    const attempt = failed({ code: "SERVER_UNREACHABLE", reason: "reset" }, { wasStale: true });
    for (let round = 0; round < 20; round += 1) expect(await retries.findRemedy(attempt)).toEqual({});
  });

  test("one that is used up leaves the others", async () => {
    const retries = new Retries();
    for (const error of [BROKEN_FORMAT, UNKNOWN_MODEL, NO_PARSER, REFUSED_HISTORY, TOO_LONG])
      expect(await retries.findRemedy(failed(error))).toBeDefined();
    expect(await retries.findRemedy(failed(BROKEN_FORMAT))).toBeUndefined();
    expect(await retries.findRemedy(failed({ status: 503 }))).toBeDefined();
  });
});

describe("nothing is sent again", () => {
  test.each<[string, FailedAttempt]>([
    ["once the answer of a model that slipped has begun", failed(BROKEN_FORMAT, { hasContent: true })],
    [
      "for the words of a message",
      failed({ status: 500, message: "harmony: could not reach a vLLM server behind it" }),
    ],
    ["for a model that the caller named", failed(UNKNOWN_MODEL, { hasFoundModel: false })],
    ["for the same model", failed(UNKNOWN_MODEL, { findModelAgain: async () => "m" })],
    ["when calls in text are not wanted", failed(NO_PARSER, { findsCalls: false })],
    ["when the tools are in the prompt already", failed(NO_PARSER, { body: { tool_choice: "none" } })],
    [
      "when broken calls are only reported",
      failed(REFUSED_HISTORY, { settings: { ...SETTINGS, plainHistory: false } }),
    ],
    ["when the output may not be lowered", failed(TOO_LONG, { settings: { ...SETTINGS, fitMaxTokens: false } })],
    ["when the prompt alone is too long", failed({ ...TOO_LONG, promptTokens: 2000 })],
    ["once the answer has begun", failed(TOO_LONG, { hasContent: true })],
    ["after a byte, elsewhere", failed(SHUTTING_DOWN, { hadBytes: true })],
    ["where the address itself refuses", failed({ code: "ENGINE_FAILED", reason: "shutting-down" })],
    ["after a proxy's long wait", failed({ code: "REQUEST_TIMEOUT", status: 504 }, { waitedMs: 60_000 })],
    [
      "after a connection that was closed late",
      failed({ code: "REQUEST_TIMEOUT", reason: "proxy-timeout" }, { waitedMs: 10_001 }),
    ],
    ["after a byte", failed({ status: 503 }, { hadBytes: true })],
    ["for an error that repeats itself", failed({ code: "INVALID_REQUEST", status: 400 })],
  ])("%s", async (_, attempt) => {
    expect(await new Retries().findRemedy(attempt)).toBeUndefined();
  });
});
