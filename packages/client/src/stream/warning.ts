import type { Repair } from "../repairs/repairs.ts";
import type { ToolCallParseError } from "./tool-call.ts";

/** Every code a {@link ChatWarning} can have. */
export type ChatWarningCode =
  /** Raw `<think>` text: the server has no (or the wrong) reasoning parser. */
  | "thinking-in-text"
  /** Raw tool call text: the server has the wrong tool parser. */
  | "tool-call-in-text"
  /** The server has no tool parser: the request was sent again with its tools in the prompt only (`recover.toolCallText`). */
  | "tools-in-text"
  /** The token limit was used up by the reasoning, so there is no answer. */
  | "thinking-used-up-budget"
  /** The server truncated the answer before it had as many tokens as `max_tokens` allows. */
  | "OUTPUT_LIMITED"
  /** `max_tokens` did not fit the window and was lowered. */
  | "max-tokens-lowered"
  /** The thinking budget left no room for an answer within `max_tokens`, and was lowered. */
  | "thinking-budget-lowered"
  /** `response_format` together with `tools`: the grammar forbids the call. */
  | "response-format-with-tools"
  /** A parameter has no effect on this model or server. */
  | "parameter-has-no-effect"
  /** A tool call of the answer was broken: the model was asked again (`brokenCalls: "retry"`). */
  | "BROKEN_CALL_RETRIED"
  /** The request's own token limit cut the call that `tool_choice` forces: the call is left out (`brokenCalls: "retry"`). */
  | "CALL_TRUNCATED"
  /** The server went away in the middle of the answer, and one that goes on with it is waited for (`resume`). */
  | "CONNECTION_LOST"
  /** The server went away in the middle of the answer, which another one went on with (`resume`). */
  | "resumed"
  /** The chat template refused the messages: they were sent again in the plainest form (`brokenCalls: "retry"`). */
  | "HISTORY_MADE_PLAIN"
  /** The server sent a choice that the request did not ask for (`n`); it is skipped. */
  | "UNEXPECTED_CHOICE"
  /** The messages were rewritten for the model's chat template. */
  | "history-rewritten"
  /** The server ended the answer with a finish reason that is not known: its tool calls are not run. */
  | "UNKNOWN_FINISH_REASON"
  /** Broken output that has one reading was read so (`reason`); what it was a part of is marked `repaired`. */
  | "ANSWER_REPAIRED"
  /** The arguments of a call hold an integer beyond 2^53, which was rounded (`largeIntegers`). */
  | "INTEGER_ROUNDED";

/** Something that works less well than it could. Never holds a prompt or a key. */
export interface ChatWarning {
  code: ChatWarningCode;
  /**
   * Of `BROKEN_CALL_RETRIED`: the `parseError.kind` of the broken call, or `in-text` for one that was left in the text. Of `ANSWER_REPAIRED`:
   * what was repaired.
   */
  reason?: ToolCallParseError["kind"] | "in-text" | Repair | undefined;
  /** What was seen. */
  message: string;
  /** What to change, with the exact vLLM flag or parameter. */
  hint: string;
}
