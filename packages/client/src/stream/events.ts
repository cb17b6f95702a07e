import type { ChatWarning } from "./warning.ts";
import type { ChatResult } from "./result.ts";
import type { ParsedToolCall } from "./tool-call.ts";

/** Where an event belongs. Blocks of one choice are numbered in the order in which they begin. */
interface BlockPosition {
  /** 0 unless the request asks for several answers (`n`). */
  choiceIndex: number;
  /** Position of the block (text, reasoning or tool call) in its choice. */
  contentIndex: number;
}

/** The first event: the server has begun to answer. */
export interface StartEvent {
  type: "start";
  /** vLLM's request id, `chatcmpl-…`. */
  id: string;
  /** The served name that answers, which may differ from the one that was asked for. */
  model: string;
}

/** A run of text begins. Text after reasoning or a call is another run. */
export interface TextStartEvent extends BlockPosition {
  type: "text_start";
}

/** The next piece of text, as vLLM sent it. */
export interface TextDeltaEvent extends BlockPosition {
  type: "text_delta";
  /** Never empty. */
  delta: string;
}
/** A run of text is over. */
export interface TextEndEvent extends BlockPosition {
  type: "text_end";
  /** The whole block. */
  text: string;
}

/** A run of reasoning begins; reasoning may come again after text. */
export interface ThinkingStartEvent extends BlockPosition {
  type: "thinking_start";
}
/** The next piece of reasoning: `reasoning`, `reasoning_content`, or what `recover.thinkTags` found in the text. */
export interface ThinkingDeltaEvent extends BlockPosition {
  type: "thinking_delta";
  /** Never empty. */
  delta: string;
}
/** A run of reasoning is over. */
export interface ThinkingEndEvent extends BlockPosition {
  type: "thinking_end";
  /** The whole block. */
  thinking: string;
}

/** A tool call whose id and name are known. */
export interface ToolCallStartEvent extends BlockPosition {
  type: "toolcall_start";
  /** Number of the call in its choice, as the server counts. Ids may repeat in one answer; this does not. */
  index: number;
  id: string;
  name: string;
  /** True when the call was found in the text (`recover.toolCallText`). */
  recovered?: true | undefined;
}
/** The arguments of a call grow. Never parse them before `toolcall_end`. */
export interface ToolCallDeltaEvent extends BlockPosition {
  type: "toolcall_delta";
  index: number;
  /** The next piece of the arguments' JSON text. Never empty. */
  delta: string;
}
/**
 * The call is complete, or will never be: then `toolCall.arguments` is undefined and `toolCall.parseError` says why.
 *
 * Comes when the answer has ended, after all deltas: until then nothing proves a call. vLLM says how the answer ended only with
 * its last events, and cut calls can look whole (`{}` of glm45, `{"city": "Par"}` of the older hermes parser), so a call whose
 * JSON happens to parse is not handed over early. `toolcall_delta` shows the arguments while they grow.
 */
export interface ToolCallEndEvent extends BlockPosition {
  type: "toolcall_end";
  index: number;
  toolCall: ParsedToolCall;
}

/** What `logprobs`, `return_token_ids` and the like asked for, as vLLM sends it, after the deltas of the same chunk. */
export interface TokensEvent {
  type: "tokens";
  choiceIndex: number;
  logprobs?: unknown;
  tokenIds?: readonly number[] | undefined;
}

/** Something is set up wrong on the server or in the request; the answer goes on. */
export interface WarningEvent {
  type: "warning";
  warning: ChatWarning;
}

/** Opt-in (`reportWaiting`): nothing has come for 30 s, and the server is healthy. */
export interface WaitingEvent {
  type: "waiting";
  /** Since the request was sent, in ms. */
  waitedMs: number;
  /** Requests that the server works on, and those in its queue, where it says so (`/metrics`). */
  running?: number | undefined;
  waiting?: number | undefined;
}

/** The last event of a good stream. Holds the whole {@link ChatResult}. */
export interface DoneEvent<Output = unknown> extends ChatResult<Output> {
  type: "done";
}

/** One event of a reply. A reply ends with exactly one `done` event, or throws one `VllmError`. */
export type ChatEvent<Output = unknown> =
  | StartEvent
  | TextStartEvent
  | TextDeltaEvent
  | TextEndEvent
  | ThinkingStartEvent
  | ThinkingDeltaEvent
  | ThinkingEndEvent
  | ToolCallStartEvent
  | ToolCallDeltaEvent
  | ToolCallEndEvent
  | TokensEvent
  | WarningEvent
  | WaitingEvent
  | DoneEvent<Output>;
