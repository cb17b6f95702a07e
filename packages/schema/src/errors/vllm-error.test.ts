import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ConfigError, formatVllmError, VLLM_ERROR_CODES, VllmError } from "../core.ts";

function makeError() {
  return new VllmError({
    code: "RATE_LIMITED",
    message: "The server is full (429).",
    hint: "Wait and try again.",
    isRetryable: true,
    status: 429,
    requestId: "chatcmpl-1",
    url: "http://gpu:8000/v1/chat/completions",
    retryAfterMs: 1000,
    maxModelLen: undefined,
    partial: { text: "what had arrived", thinking: "", toolCalls: [] },
    cause: Object.assign(
      new TypeError("secret words", { cause: Object.assign(new Error("more"), { code: "ECONNRESET" }) }),
    ),
  });
}

/** The module once more, as if it were installed a second time. */
async function anotherCopy() {
  const other = (await import(`./vllm-error.ts?${"copy"}`)) as { VllmError: typeof VllmError };
  expect(other.VllmError).not.toBe(VllmError);
  return other.VllmError;
}

test("the codes are permanent: one may be added, none renamed or taken away", () => {
  expect(VLLM_ERROR_CODES).toEqual([
    "CONFIG_INVALID",
    "SERVER_UNREACHABLE",
    "SERVER_STARTING",
    "NOT_VLLM",
    "WRONG_BASE_URL",
    "AUTHENTICATION_FAILED",
    "MODEL_NOT_FOUND",
    "CONTEXT_LENGTH_EXCEEDED",
    "TOOL_PARSER_NOT_ENABLED",
    "CHAT_TEMPLATE_REJECTED",
    "INPUT_TYPE_NOT_SUPPORTED",
    "INVALID_REQUEST",
    "RATE_LIMITED",
    "SERVER_ERROR",
    "REQUEST_TIMEOUT",
    "STREAM_IDLE_TIMEOUT",
    "STREAM_MALFORMED",
    "RESPONSE_TOO_LARGE",
    "STREAM_ENDED_EARLY",
    "ENGINE_FAILED",
    "OUTPUT_INVALID",
    "ABORTED",
  ]);
});

describe("VllmError", () => {
  test("is an Error with its facts; what is not known is not there", () => {
    const error = makeError();
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("VllmError");
    expect(String(error)).toBe("VllmError: The server is full (429).");
    expect(error).toMatchObject({
      code: "RATE_LIMITED",
      isRetryable: true,
      status: 429,
      retryAfterMs: 1000,
      partial: { text: "what had arrived", thinking: "", toolCalls: [] },
    });
    expect("maxModelLen" in error).toBe(false);
    expect("issues" in error).toBe(false);
    expect(error.stack).toContain("vllm-error.test.ts");
  });

  test("is not retryable unless said, and has no cause unless given", () => {
    const error = new VllmError({ code: "ABORTED", message: "m", hint: "h" });
    expect(error.isRetryable).toBe(false);
    expect(Object.hasOwn(error, "cause")).toBe(false);
    expect(error.partial).toBeUndefined();
  });

  test("partial can be set later, and stays out of copies of the error's properties", () => {
    const error = makeError();
    error.partial = { text: "more", thinking: "", toolCalls: [] };
    expect(error.partial).toEqual({ text: "more", thinking: "", toolCalls: [] });
    expect(Object.keys(error)).not.toContain("partial");
    expect(JSON.stringify({ ...error })).not.toContain("more");
  });

  test("as JSON: the facts, without cause, stack and partial", () => {
    expect(JSON.parse(JSON.stringify(makeError()))).toEqual({
      name: "VllmError",
      code: "RATE_LIMITED",
      message: "The server is full (429).",
      hint: "Wait and try again.",
      isRetryable: true,
      status: 429,
      requestId: "chatcmpl-1",
      url: "http://gpu:8000/v1/chat/completions",
      retryAfterMs: 1000,
    });
  });

  test("in a console: stack and facts; of the causes only name and system code", () => {
    const shown = inspect(makeError());
    expect(shown).toMatch(/^VllmError: The server is full \(429\)\.\n {4}at /);
    expect(shown).toContain('  code: "RATE_LIMITED"\n  hint: "Wait and try again."');
    expect(shown).toContain("  cause: TypeError\n  cause: Error ECONNRESET");
    expect(shown).not.toMatch(/secret words|what had arrived/);
    expect(inspect({ nested: makeError() })).toContain("retryAfterMs: 1000");
  });

  test("causes in a circle do no harm", () => {
    const cause: { name: string; cause?: unknown } = { name: "A" };
    cause.cause = cause;
    expect(inspect(new VllmError({ code: "ABORTED", message: "m", hint: "h", cause })).match(/cause: A/g)).toHaveLength(
      8,
    );
  });
});

describe("VllmError.isInstance", () => {
  test("knows errors of another copy, in both directions", async () => {
    const Other = await anotherCopy();
    const theirs = new Other({ code: "ABORTED", message: "m", hint: "h" });
    expect(theirs instanceof VllmError).toBe(false);
    expect(VllmError.isInstance(theirs)).toBe(true);
    expect(Other.isInstance(makeError())).toBe(true);
    expect(Other.isInstance(new ConfigError({ message: "m", hint: "h", issues: [] }))).toBe(true);
  });

  test.each([
    [new Error("x")],
    [{ code: "ABORTED", name: "VllmError" }],
    [null],
    [undefined],
    ["VllmError"],
    [5],
    [() => {}],
  ])("%s is none", (value) => {
    expect(VllmError.isInstance(value)).toBe(false);
  });
});

describe("ConfigError", () => {
  test("is a VllmError with its issues", () => {
    const issues = [{ path: "a", received: "b", accepted: "c", fix: "d", line: 1, column: 2 }];
    const error = new ConfigError({ message: "m", hint: "h", issues });
    expect(error).toBeInstanceOf(VllmError);
    expect(error).toMatchObject({ name: "ConfigError", code: "CONFIG_INVALID", isRetryable: false });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: "ConfigError", issues });
  });
});

describe("formatVllmError", () => {
  test("message, advice and the id to look for", () => {
    expect(formatVllmError(makeError())).toBe(
      "The server is full (429).\nWhat to do: Wait and try again.\nRequest id: chatcmpl-1",
    );
    expect(formatVllmError(new VllmError({ code: "ABORTED", message: "m", hint: "h" }))).toBe("m\nWhat to do: h");
  });
});
