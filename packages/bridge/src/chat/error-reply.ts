import { VllmError } from "@vllm/schema/core";
import type { VllmErrorCode } from "@vllm/schema/core";

/** An error as vLLM 0.32 writes it, in a body or in an event of a stream. */
interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: number };
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
export function toErrorReply(cause: unknown): ErrorReply {
  const error = VllmError.isInstance(cause) ? cause : unexpected(cause);
  const status = statusOf(error);
  const message = [toSentence(toMessage(error)), toHint(error)].filter((text) => text !== "").join(" ");
  const body = {
    error: {
      message,
      type: TYPES.get(status) ?? "InternalServerError",
      param:
        error.param ??
        (error.code === "CONTEXT_LENGTH_EXCEEDED" && error.reason !== "own-prompt" ? "input_tokens" : null),
      code: status,
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

/**
 * The sentence by which agents know that a conversation must be compacted. pi-ai 0.54 and CoderClaw look for "maximum context length is
 * N tokens"; vLLM has five other wordings that one of them or both do not know.
 */
function toMessage(error: VllmError): string {
  if (error.code !== "CONTEXT_LENGTH_EXCEEDED" || error.reason === "own-prompt") return error.message;
  const { maxModelLen, promptTokens, promptTokensAtLeast } = error;
  if (promptFits(error)) {
    return `The prompt (${promptTokens} tokens) fits the window of ${maxModelLen}, the output that was asked for does not.`;
  }
  if (maxModelLen === undefined) return `context_length_exceeded: ${error.message}`;
  const prompt =
    promptTokens === undefined
      ? "the request needs more"
      : `your prompt contains ${promptTokensAtLeast === true ? "at least " : ""}${promptTokens} input tokens`;
  return `This model's maximum context length is ${maxModelLen} tokens. However, ${prompt}. Please reduce the length of the messages.`;
}

/** The server's own words may end without a mark, or with a blank. */
function toSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?…]["')\]]?$/.test(trimmed) ? trimmed : `${trimmed.replace(/[,;:]$/, "")}.`;
}

/** Then a shorter conversation helps nobody, and the agent must not make one. */
function promptFits({ maxModelLen, promptTokens, promptTokensAtLeast }: VllmError): boolean {
  if (maxModelLen === undefined || promptTokens === undefined || promptTokensAtLeast === true) return false;
  return promptTokens < maxModelLen;
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
