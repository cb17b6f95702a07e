import type { RateLimit } from "@vllm/schema/core";
import type { MessageToolCall } from "../request/chat-message.ts";
import type { AnswerEnding, FinishReason } from "./finish-reason.ts";
import type { ParsedToolCall } from "./tool-call.ts";
import type { WireUsage } from "./wire-chunk.ts";
import type { ChatWarning } from "./warning.ts";

/**
 * How an answer that finished by itself came to have neither text nor a tool call.
 * - `thought-only`: the model stopped inside its reasoning
 * - `answer-in-thought`: the template had opened the reasoning (or thinking was off), so the answer may be what looks like reasoning
 * - `nothing`: not even reasoning
 */
export type EmptyTurn = "thought-only" | "answer-in-thought" | "nothing";

/** An assistant turn that can be sent back as it is. */
export interface AssistantMessage {
  role: "assistant";
  content: string | null;
  tool_calls?: MessageToolCall[];
  /** vLLM's name for the reasoning, read by its chat templates. */
  reasoning?: string;
}

/** One of the answers to a request (`n`). */
export interface ChatChoice {
  choiceIndex: number;
  /** All text of the answer, blanks and line breaks as the server sent them. */
  text: string;
  /** All reasoning; empty when there is none. */
  thinking: string;
  toolCalls: ParsedToolCall[];
  /** The server's own word. Servers and gateways have several for one thing: decide by {@link ending}. */
  finishReason: FinishReason;
  /** What {@link finishReason} stands for. */
  ending: AnswerEnding;
  /** The stop string or token id that ended the answer. */
  stopReason?: string | number | undefined;
  /** The next assistant turn, reasoning included. */
  message: AssistantMessage;
  /** Set when the model stopped by itself (`ending` is `complete` or `unknown`) without an answer. */
  emptyTurn?: EmptyTurn | undefined;
  /** True when something of the answer was repaired; `ANSWER_REPAIRED` warnings say what. Calls are marked besides. */
  repaired?: true | undefined;
  /** vLLM's `logprobs`, the lists of all chunks joined. */
  logprobs?: { content: unknown[] } | undefined;
  /** With `return_token_ids`. */
  tokenIds?: number[] | undefined;
}

/** A whole answer. The fields of the first choice stand at the top. */
export interface ChatResult<Output = unknown> extends ChatChoice {
  /** vLLM's request id, `chatcmpl-…`. */
  id: string;
  /** The served name that answered. */
  model: string;
  /** Seconds since 1970, the server's clock. */
  created?: number | undefined;
  /** As the server counts; absent when it sent none. Of both requests when the model was asked again (`brokenCalls: "retry"`). */
  usage?: WireUsage | undefined;
  /** The last request's alone, when the model was asked again: its prompt is the size of the conversation. */
  lastUsage?: WireUsage | undefined;
  systemFingerprint?: string | undefined;
  /** With `return_token_ids`. */
  promptTokenIds?: number[] | undefined;
  /** `X-Request-Id` of the answer. */
  requestId?: string | undefined;
  /** The headers of the answer, names in lower case, without cookies: which server of a fleet it was, a gateway's own numbers. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** What a gateway's `x-ratelimit-*` headers say. */
  rateLimit?: RateLimit | undefined;
  /** Every answer, the first one included. */
  choices: ChatChoice[];
  warnings: ChatWarning[];
  /** The parsed answer, when `outputSchema` asked for one. A turn that calls tools has none yet: look at `toolCalls` first. */
  output: Output;
}
