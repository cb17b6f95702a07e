import { VllmError } from "@vllm/schema/core";
import type { VllmErrorCode } from "@vllm/schema/core";
import type { OverflowShapes } from "../options/overflow-options.ts";
import { CHAT_SHAPES, overflowMessage, shapeOf } from "./overflow-shapes.ts";

/** An error as vLLM 0.32 writes it, in a body or in an event of a stream. */
interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: number | string };
}

export interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body: ErrorBody;
  /** The same as an event of a stream that has begun. */
  event: ErrorBody;
}

const STATUS: Readonly<Record<VllmErrorCode, number>> = {
  CONFIG_INVALID: 400,
  SERVER_UNREACHABLE: 503,
  SERVER_STARTING: 503,
  NOT_VLLM: 502,
  WRONG_BASE_URL: 502,
  AUTHENTICATION_FAILED: 401,
  MODEL_NOT_FOUND: 404,
  CONTEXT_LENGTH_EXCEEDED: 400,
  TOOL_PARSER_NOT_ENABLED: 400,
  CHAT_TEMPLATE_REJECTED: 400,
  INPUT_TYPE_NOT_SUPPORTED: 400,
  INVALID_REQUEST: 400,
  RATE_LIMITED: 429,
  SERVER_ERROR: 502,
  REQUEST_TIMEOUT: 504,
  STREAM_IDLE_TIMEOUT: 504,
  STREAM_MALFORMED: 502,
  RESPONSE_TOO_LARGE: 502,
  STREAM_ENDED_EARLY: 502,
  ENGINE_FAILED: 500,
  OUTPUT_INVALID: 502,
  ABORTED: 499,
};

/** vLLM's names of its errors. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [400, "BadRequestError"],
  [401, "AuthenticationError"],
  [403, "PermissionDeniedError"],
  [404, "NotFoundError"],
  [413, "RequestTooLargeError"],
  [429, "RateLimitError"],
  [503, "ServiceUnavailableError"],
  [504, "TimeoutError"],
]);

/** An error in the form and the words that agents know, with what to do about it. */
export function toErrorReply(cause: unknown, shapes: OverflowShapes = CHAT_SHAPES): ErrorReply {
  const error = VllmError.isInstance(cause) ? cause : unexpected(cause);
  const status = statusOf(error);
  const shape = shapeOf(error, shapes);
  const told = shape === undefined ? error.message : overflowMessage(error, shape);
  // Claude Code knows the bare sentence.
  const texts = shape === "prompt-is-too-long" ? [told] : [toSentence(told), toHint(error)];
  const message = texts.filter((text) => text !== "").join(" ");
  const body = {
    error: {
      message,
      type: TYPES.get(status) ?? "InternalServerError",
      param: error.param ?? (shape === undefined || error.reason === "own-prompt" ? null : "input_tokens"),
      code: shape === "context_length_exceeded" ? shape : status,
    },
  };
  // The openai package puts an HTTP status in front of the message, and agents look there for what is worth another try.
  const event = isWorthAnotherTry(error) ? { error: { ...body.error, message: `${status} ${message}` } } : body;
  return { status, headers: toHeaders(error), body, event };
}

function statusOf(error: VllmError): number {
  // The server's own word where it says more than the code does: 500 or 502, 401 or 403, 400 or 413.
  if (error.status !== undefined && error.status >= 400) return error.status;
  return STATUS[error.code];
}

/** The server's own words may end without a mark, or with a blank. */
function toSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?…]["')\]]?$/.test(trimmed) ? trimmed : `${trimmed.replace(/[,;:]$/, "")}.`;
}

/** A wait that came to its limit is not begun again by a program: agents would try up to twelve times. */
function isWorthAnotherTry({ isRetryable, code }: VllmError): boolean {
  return isRetryable && code !== "REQUEST_TIMEOUT" && code !== "STREAM_IDLE_TIMEOUT";
}

/** What to do, without what only a program with the client in it can do. */
function toHint({ hint }: VllmError): string {
  return hint.replace(/ ?error\.\w+ holds [^.]+\./, "");
}

function toHeaders(error: VllmError): Record<string, string> {
  // The openai package repeats every 5xx twice unless it is told not to: nothing listens any sooner for that.
  const repeats = isWorthAnotherTry(error) && error.code !== "SERVER_UNREACHABLE";
  const { retryAfterMs } = error;
  return {
    "x-should-retry": String(repeats),
    ...(retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
  };
}

/** A mistake of the bridge. Its text is not ours, so only its kind is told. */
export function unexpected(cause: unknown): VllmError {
  return new VllmError({
    code: "SERVER_ERROR",
    message: `The bridge failed (${cause instanceof Error ? cause.name : "unknown"}).`,
    hint: "This is a mistake of the bridge itself: please report it.",
    cause,
  });
}
