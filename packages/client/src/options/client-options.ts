import type { LimitOptions, ModelProfile } from "@vllm/schema/core";
import type { VllmChatCompletionChunk } from "../stream/raw-chunk.ts";
import type { ResumeOption } from "../resume/resume-option.ts";
import type { HeaderSource } from "../connection/header-source.ts";
import type { ProfileSource } from "./profile-source.ts";
import type { RecoverOptions } from "../request/index.ts";
import type { LargeIntegers } from "../repairs/large-integers.ts";
import type { FetchFunction, Logger, TlsOptions } from "@vllm/transport/internal";

/**
 * Requests are sent again only before the first byte of an answer: after a refused or reset connection, and after 408, 429, 502, 503
 * and 504, but not after a wait of more than 10 s for a proxy's read timeout. A `Retry-After` of up to 30 s is waited for; a longer one ends the request and is told as `retryAfterMs`.
 */
export interface RetryOptions {
  /** How often a request is sent again. Default 2; 0 turns it off. */
  maxRetries?: number | undefined;
  /**
   * How often a request is sent again that a router could not pass on (its own 500), or passed on to a server that is shutting down:
   * its next attempt may go to another server. Default 3; 0 where `maxRetries` is.
   */
  maxElsewhere?: number | undefined;
}

/** Limits in ms; `false` is no limit. */
export interface TimeoutOptions {
  /** For the connection, TCP and TLS. Default 10 000. No effect with `fetch`. */
  connectMs?: number | false | undefined;
  /**
   * From the request to the first chunk. Default 1 800 000 (30 min): vLLM answers 200 at once and then stays silent while the
   * request is queued, the server is paused, or a long prompt is read.
   */
  firstTokenMs?: number | false | undefined;
  /**
   * Silence between two reads once the answer has begun. Default 600 000 (10 min): some tool parsers hold back a long call until
   * it is complete. Keep-alive comments (`--sse-keep-alive-interval`) count as life.
   */
  idleMs?: number | false | undefined;
}

/**
 * What happens to an answer whose tool calls are not all whole. Never is a broken call run.
 * - `report`: it is the answer; the broken call has a `parseError` instead of `arguments`
 * - `retry`: the model is told what was wrong and asked again, once. Every call of the result is whole: a second broken call ends the
 *   reply with `STREAM_MALFORMED` (`reason: "broken-call"`), and so does one of several answers (`n`), which cannot be asked for alone.
 */
export type BrokenCalls = "report" | "retry";

/** What an answer of the server showed about the model, in the form of its profile: `{ ...profile, ...facts }`. */
export type LearnedFacts = Pick<Partial<ModelProfile>, "history" | "toolCalling">;

/** Everything is optional. */
export interface VllmClientOptions {
  /** What people paste is accepted: with or without scheme, `/v1`, a slash. Default `VLLM_BASE_URL`, else `http://127.0.0.1:8000/v1`. */
  baseUrl?: string | undefined;
  /**
   * Sent as `Authorization: Bearer <key>`. Default `VLLM_API_KEY`; without a key no such header is sent. An empty text is no key,
   * whatever `VLLM_API_KEY` says: for a second server that must not see it.
   */
  apiKey?: string | undefined;
  /** The model of requests that name none. Default: the only one the server has. */
  model?: string | undefined;
  /** Sent with every request; they override the client's own. A function is called before each attempt. */
  headers?: HeaderSource | undefined;
  retry?: RetryOptions | undefined;
  timeouts?: TimeoutOptions | undefined;
  /** How large an answer may be before the request ends with `RESPONSE_TOO_LARGE`. */
  limits?: LimitOptions | undefined;
  /**
   * Find reasoning and tool calls that a server without parsers leaves in the text. Off by default: running calls found in text is
   * your choice. With `toolCallText` a request whose tools the server refuses, because it has no tool parser, is sent again once
   * with the tools in the prompt only; a `tools-in-text` warning tells it.
   */
  recover?: RecoverOptions | undefined;
  /**
   * What is known about the model, from `@vllm/discovery` or by hand: as much of it as you know. The client never probes. A function
   * gets the id of the model and may return a promise; it is called once for each model, and again where it failed or found nothing.
   */
  profile?: ProfileSource | undefined;
  /**
   * What happens to an answer with a tool call that is not whole. Default `report`. With `retry`:
   * - a call that was truncated, is not valid JSON or was left in the text half is asked for again, once; text and reasoning of the first
   *   answer are streamed as they come and are not taken back, its calls are not handed over. A `BROKEN_CALL_RETRIED` warning stands
   *   between the two; the result is the second answer, and its `usage` is of both
   * - tool-call events come when the answer has ended, each call's arguments in one delta
   * - messages that the chat template refuses are sent again once in the plainest form, with a `HISTORY_MADE_PLAIN` warning
   */
  brokenCalls?: BrokenCalls | undefined;
  /**
   * What integers beyond 2^53 in the arguments of tool calls become. Default `number`: they are rounded, with an `INTEGER_ROUNDED` warning.
   * With `bigint` they are exact.
   */
  largeIntegers?: LargeIntegers | undefined;
  /**
   * Go on with an answer whose server went away in the middle of it (a lost connection, a dead engine, a shutdown): the text so far is the
   * beginning of the message that the next server completes. The answer stays one: a `resumed` warning stands where it was taken up, the
   * usage is summed, and tool calls come when it has ended, each whole. Without any text the model is asked again from the beginning.
   * While no server answers, a `CONNECTION_LOST` warning says at once that one is waited for, up to `waitMs` in all (default 60 000).
   * Never after a finish reason, with `n`, structured output, `logprobs` or `rawChunks`, or where the chat template cannot go on with a
   * message: those end with the error and its `partial`, as without. Default false.
   */
  resume?: ResumeOption | undefined;
  /** Lower `max_tokens` once, to what fits, when the server says that it does not. Default true; a warning event tells it. */
  fitMaxTokens?: boolean | undefined;
  /** Certificates, for Node's own transport. */
  tls?: TlsOptions | undefined;
  /**
   * The address of a proxy, or false for none. Default: what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say. This machine is
   * never asked through a proxy. Only with Node's own transport.
   */
  proxy?: string | false | undefined;
  /**
   * Reports each request with its status and its times in ms (`debug`), and each that is sent again (`warn`): `console`, or a logger of
   * pino, winston or another library. Never a prompt, an answer or a key. Default: on stderr, if `VLLM_LOG=debug` says so.
   */
  logger?: Logger | undefined;
  /** Used instead of our own transport; then `tls`, proxies from the environment and `connectMs` are its own affair. */
  fetch?: FetchFunction | undefined;
}

/** How the server began to answer, and what it was sent. */
export interface ResponseInfo {
  url: string;
  status: number;
  /** By name in lower case; of a repeated one all values, joined with a comma and a blank. */
  headers: Readonly<Record<string, string>>;
  /** The body of the request, as it was sent. It holds what was asked. */
  requestBody: Readonly<Record<string, unknown>>;
}

/** Options of one request. */
export interface ChatOptions {
  /** Ends the request with `ABORTED`, at any time; the connection is closed and vLLM stops generating. */
  signal?: AbortSignal | undefined;
  /**
   * Sent as `X-Request-Id`; vLLM then answers with the id `chatcmpl-<it>`. Behind a router give the request its `affinity` too:
   * some routers spread requests by this header when there is no session.
   */
  requestId?: string | undefined;
  /** Sent besides the client's, which they override. A function is called before each attempt. */
  headers?: HeaderSource | undefined;
  /** Instead of the client's. A function is called for this request. */
  profile?: ProfileSource | undefined;
  /** Instead of the client's. */
  resume?: ResumeOption | undefined;
  /** Instead of the client's. */
  brokenCalls?: BrokenCalls | undefined;
  /** Instead of the client's. */
  largeIntegers?: LargeIntegers | undefined;
  /**
   * Called when an answer of the server contradicts the profile: it has no tool parser, or the chat template refuses the history. The request
   * is sent again accordingly; a caller that keeps the facts in its profile saves the next one that detour. What it throws ends the reply.
   */
  onLearned?: ((facts: LearnedFacts) => void) | undefined;
  /** Called with the head of each answer, also of those after which the request is sent again. What it throws ends the reply. */
  onResponse?: ((response: ResponseInfo) => void) | undefined;
  /** Called with each chunk as the server sent it, besides the events that come of it. What it throws ends the reply. */
  onRawChunk?: ((chunk: VllmChatCompletionChunk) => void) | undefined;
  /**
   * Report a server that is silent for 30 s and healthy all the same, with its load: `waiting` events. They may come before `start`.
   * Default false.
   */
  reportWaiting?: boolean | undefined;
  /** Those that are given replace the client's. */
  timeouts?: TimeoutOptions | undefined;
}

/** Options of one request for the list of models. */
export interface ModelsOptions {
  signal?: AbortSignal | undefined;
}

/** Options of one request to the tokenizer. */
export interface TokenizeOptions {
  signal?: AbortSignal | undefined;
  /** Instead of the client's: decides how the conversation is rewritten, as in `chat`. */
  profile?: ProfileSource | undefined;
}

/** Options of one request to a route that the client has no method for. */
export interface PostOptions {
  signal?: AbortSignal | undefined;
  /** Sent besides the client's, which they override. */
  headers?: HeaderSource | undefined;
  /** Called when the answer is here, before its body is read. What it throws ends the request. */
  onResponse?: ((response: ResponseInfo) => void) | undefined;
}
