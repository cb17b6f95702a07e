import { printable, printableLines } from "../text/printable.ts";
import type { VllmErrorCode } from "./codes.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Why no HTTP answer came (`SERVER_UNREACHABLE`). */
export type UnreachableReason = "refused" | "dns" | "timeout" | "tls" | "proxy" | "reset" | "other";

/**
 * What happened, where the code alone does not decide what to do next: programs decide by this, never by the words of a message.
 * - `upstream-unreachable` (`SERVER_ERROR`): a router could not reach a server behind it; its next attempt may go to another one
 * - `shutting-down` (`ENGINE_FAILED`): the server takes no more requests; a router's next attempt goes to another one
 * - `proxy-timeout` (`REQUEST_TIMEOUT`): the connection was closed while the answer was waited for, by a proxy's read timeout
 * - `output-format` (`SERVER_ERROR`): the model broke its own output format; the same request usually succeeds
 * - `text-only` (`INPUT_TYPE_NOT_SUPPORTED`): the model accepts no input but text
 * - `own-prompt` (`CONTEXT_LENGTH_EXCEEDED`): an agent's system prompt, tools and first user message alone do not fit; compacting does not help
 * - `system-role` (`CHAT_TEMPLATE_REJECTED`): the template has no system message, not even at the beginning
 * - `broken-call` (`STREAM_MALFORMED`): the model's tool call was broken, and so was the one that it was asked for instead
 */
export type ErrorReason =
  | UnreachableReason
  | "upstream-unreachable"
  | "shutting-down"
  | "proxy-timeout"
  | "output-format"
  | "text-only"
  | "own-prompt"
  | "system-role"
  | "broken-call";

/** One problem of a configuration (`CONFIG_INVALID`). */
export interface ConfigIssue {
  /** Dotted path of the value, such as `models.providers.vllm.models[0].id`; empty for the document itself. */
  path: string;
  /** What was received, without secrets: `"opnai-completions"`, `nothing`, `a number (12)`. */
  received: string;
  /** What is accepted there. */
  accepted: string;
  /** Which key or environment variable to change, and how. */
  fix: string;
  /** 1-based line and column in the file, where known. */
  line?: number | undefined;
  column?: number | undefined;
}

/** Facts that belong to one kind of error. Every field is absent where it does not apply or is not known. */
export interface VllmErrorFacts {
  /** HTTP status of the answer. Absent for an error event inside a stream, where it was 200. */
  status?: number | undefined;
  /** `X-Request-Id` of the answer. */
  requestId?: string | undefined;
  /** The address that was asked, without credentials, query and fragment. */
  url?: string | undefined;
  /** The field of the request that the server names (its `error.param`), such as `max_tokens` or `messages.0.role`. */
  param?: string | undefined;
  /** Why no answer came (`SERVER_UNREACHABLE`), or what of several things an error of another code stands for. */
  reason?: ErrorReason | undefined;
  /** The model's window in tokens (`CONTEXT_LENGTH_EXCEEDED`). */
  maxModelLen?: number | undefined;
  /** Size of the prompt in tokens, or the smallest it can be where vLLM stopped counting ({@link promptTokensAtLeast}). */
  promptTokens?: number | undefined;
  /** True when vLLM said "at least": it stops counting at the limit. */
  promptTokensAtLeast?: boolean | undefined;
  /** Output tokens the request asked for (`max_tokens`). */
  requestedTokens?: number | undefined;
  /** Ids the server serves (`MODEL_NOT_FOUND`), where known. */
  availableModels?: readonly string[] | undefined;
  /** The served id nearest to the requested one (`MODEL_NOT_FOUND`). */
  suggestion?: string | undefined;
  /** How long to wait before asking again, in ms (`RATE_LIMITED`, `SERVER_STARTING`). */
  retryAfterMs?: number | undefined;
  /** What the answer's `x-ratelimit-*` headers say. Set by `@vllm/client`. */
  rateLimit?: RateLimit | undefined;
  /**
   * The headers of the answer that ended in this error, names in lower case, without cookies: which server of a fleet it was, a
   * gateway's own numbers. Set by `@vllm/client`; like `partial` it is kept out of logs.
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Every problem of a configuration (`CONFIG_INVALID`). */
  issues?: readonly ConfigIssue[] | undefined;
  /** What had arrived before the error. Set by `@vllm/client`, on every error that ends a reply. */
  partial?: PartialAnswer | undefined;
}

/** What an error is made of: code, message and hint, with the facts that are known. */
export interface VllmErrorOptions extends VllmErrorFacts {
  code: VllmErrorCode;
  /** What happened, one or two sentences. Never a key, a prompt or a header value. */
  message: string;
  /** What to do next, with the exact vLLM flag, setting or command. */
  hint: string;
  /** Whether the same request may succeed when it is sent again unchanged. */
  isRetryable?: boolean | undefined;
  cause?: unknown;
}

const MARKER: unique symbol = Symbol.for("@vllm/schema.VllmError") as never;

/**
 * The one error class of the `@vllm` packages: look at `code`.
 *
 * `message` says what happened, `hint` says what to do. Neither holds a key, a prompt or a header value.
 */
export class VllmError extends Error implements VllmErrorFacts {
  override readonly name: string = "VllmError";
  readonly code: VllmErrorCode;
  readonly hint: string;
  readonly isRetryable: boolean;

  declare readonly status?: number | undefined;
  declare readonly requestId?: string | undefined;
  declare readonly url?: string | undefined;
  declare readonly param?: string | undefined;
  declare readonly reason?: ErrorReason | undefined;
  declare readonly maxModelLen?: number | undefined;
  declare readonly promptTokens?: number | undefined;
  declare readonly promptTokensAtLeast?: boolean | undefined;
  declare readonly requestedTokens?: number | undefined;
  declare readonly availableModels?: readonly string[] | undefined;
  declare readonly suggestion?: string | undefined;
  declare readonly retryAfterMs?: number | undefined;
  declare readonly issues?: readonly ConfigIssue[] | undefined;
  declare rateLimit?: RateLimit | undefined;
  declare headers?: Readonly<Record<string, string>> | undefined;
  declare partial?: PartialAnswer | undefined;

  constructor(options: VllmErrorOptions) {
    const { code, message, hint, isRetryable = false, cause, partial, headers, ...facts } = options;
    // Ids, names and addresses from outside are in them: none reaches a terminal as anything but text.
    super(printableLines(message), cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = printableLines(hint);
    this.isRetryable = isRetryable;
    for (const [key, value] of Object.entries(facts)) {
      if (value === undefined) continue;
      const shown = key === "requestId" ? printable(String(value)) : value;
      Object.defineProperty(this, key, { value: shown, enumerable: true, writable: true });
    }
    // Out of sight for loggers that copy an error's own properties: they hold the model's answer and what a gateway says.
    Object.defineProperty(this, "partial", { value: partial, enumerable: false, writable: true });
    Object.defineProperty(this, "headers", { value: headers, enumerable: false, writable: true });
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Like `instanceof`, but also true for an error made by another installed copy of this package. */
  static isInstance(value: unknown): value is VllmError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARKER] === true;
  }

  /** For logs: the facts, without `cause`, `stack`, `partial` and `headers`. */
  toJSON(): Record<string, unknown> {
    const { name: _name, code, hint, ...facts } = this as unknown as Record<string, unknown>;
    return { name: this.name, code, message: this.message, hint, ...facts };
  }

  /** What `console.log` of Node, Deno and Bun shows: the stack and the facts; of each cause only its name and system code, for its text is not ours. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { name: _name, message: _message, ...facts } = this.toJSON();
    const lines = Object.entries(facts).map(([key, value]) => `  ${key}: ${printable(JSON.stringify(value))}`);
    const causes = causesOf(this.cause).map((cause) => `  cause: ${cause}`);
    return [this.stack ?? String(this), ...lines, ...causes].join("\n");
  }
}

function causesOf(cause: unknown): string[] {
  const names: string[] = [];
  for (let current = cause; typeof current === "object" && current !== null && names.length < 8;) {
    const { name, code, cause: next } = current as { name?: unknown; code?: unknown; cause?: unknown };
    names.push(
      [name, code].filter((part) => typeof part === "string" && /^\w{1,60}$/.test(part)).join(" ") || "unknown",
    );
    current = next;
  }
  return names;
}
