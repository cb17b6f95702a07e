// By the package's own name, so that the declarations of this entry do not repeat those of the main one.
import type { ChatEvent, ChatMessage, ChatResult, DoneEvent, ToolOutput } from "@vllm/client";

/** A turn of the model has ended. Its calls are run next. */
export interface StepEvent {
  type: "step";
  /** 1 for the first turn. */
  step: number;
  /** That turn alone: its text, calls and usage. */
  result: ChatResult;
}

/** A call was answered. Results come in the order of the calls. */
export interface ToolResultEvent {
  type: "tool_result";
  toolCallId: string;
  name: string;
  /** What the model gets: the tool's result, or why there is none. */
  output: ToolOutput;
  /** True when the call was not run, or the tool threw. */
  isError: boolean;
  /** What the tool threw. */
  error?: unknown;
}

/** The conversation no longer fitted the model's window and was shortened to about half of it. */
export interface HistoryTrimmedEvent {
  type: "history_trimmed";
  /** Oldest messages that were dropped, whole turns of them. */
  droppedMessages: number;
  /** Results of tools that were shortened, because dropping was not enough. */
  shortenedResults: number;
  /** The window that it has to fit, in tokens; smaller than it was believed where the server's refusal said so. */
  contextWindow: number;
}

/** Why a run ended although the model had called tools. */
export type RunStop =
  /** `maxSteps` turns. */
  | "max-steps"
  /** `maxTokensTotal` tokens. */
  | "max-tokens-total"
  /** `stopWhen` said so. */
  | "stop-when"
  /** The model made the same call again and again. */
  | "repeated-call";

/** How a run ended: the last turn, and what the whole run came to. */
export interface RunResult<Output = unknown> extends ChatResult<Output> {
  /** The conversation with all that was added to it: send it with the next question. Every call in it has its result. */
  messages: ChatMessage[];
  /** Every turn, the last one included. `usage` of the run is the sum of theirs. */
  steps: ChatResult[];
  /** Absent when the model ended the run by itself: then `text` is its answer, and `ending` says whether that is whole. */
  stoppedBy?: RunStop | undefined;
}

/** The last event of a good run. */
export interface RunDoneEvent<Output = unknown> extends RunResult<Output> {
  type: "done";
}

/** One event of a run: those of its replies, with one `start` and one `done`, and what happens between the replies. */
export type RunEvent<Output = unknown> =
  | Exclude<ChatEvent, DoneEvent>
  | StepEvent
  | ToolResultEvent
  | HistoryTrimmedEvent
  | RunDoneEvent<Output>;
