import type { ChatEvent, WireUsage } from "@vllm/client";

/** What happens while a question is answered: the client's own events as they come, and what the agent does. `--json` prints them. */
export type AgentEvent =
  | ChatEvent
  | ToolResultEvent
  | HistoryShortenedEvent
  | NoticeEvent
  | IncompleteEvent
  | ReplyStatisticsEvent;

/** A call was answered: run, or refused with the reason. */
export interface ToolResultEvent {
  type: "tool_result";
  id: string;
  name: string;
  output: string;
  isError: boolean;
}

/** The conversation was made to fit the window before it was sent. */
export interface HistoryShortenedEvent {
  type: "history_shortened";
  /** Oldest turns that are forgotten. */
  droppedTurns: number;
  /** Results of tools that were cut. */
  shortenedResults: number;
}

/** The server cannot do something; the agent goes on without it. */
interface NoticeEvent {
  type: "notice";
  code: string;
  message: string;
  hint: string;
}

/** The answer ended properly and is still not whole. */
interface IncompleteEvent {
  type: "incomplete";
  /** One sentence, fit to print. */
  reason: string;
}

/** One answer of the server, measured here. */
export interface ReplyStatisticsEvent {
  type: "reply_statistics";
  usage: WireUsage | undefined;
  /** From sending the request to the first piece of thought, text or call, in ms. */
  firstTokenMs: number | undefined;
  /** From the first piece to the last, in ms. */
  outputMs: number;
}
