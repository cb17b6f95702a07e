import type { WireUsage } from "@vllm/client";
import type { HistoryTrimmedEvent, RunDoneEvent, RunEvent, ToolResultEvent } from "@vllm/client/run";

export type { HistoryTrimmedEvent, ToolResultEvent };

/** What happens while a question is answered: the events of the client's run as they come, and what the agent adds. `--json` prints them. */
export type AgentEvent = Exclude<RunEvent, RunDoneEvent> | NoticeEvent | IncompleteEvent | ReplyStatisticsEvent;

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
