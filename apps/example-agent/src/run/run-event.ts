import type { AgentEvent } from "../conversation/agent-event.ts";
import type { UsageTotals } from "../conversation/usage-totals.ts";
import type { ConnectEvent } from "../connect/connect-event.ts";
import type { ReplEvent } from "./repl-event.ts";

/** Everything a run tells. `--json` prints one a line; the terminal shows most of them. */
export type RunEvent =
  | ConnectEvent
  | AgentEvent
  | ReplEvent
  | QuestionEvent
  | TurnEndEvent
  | WorkedEvent
  | ErrorEvent
  | StoppedEvent;

interface QuestionEvent {
  type: "question";
  text: string;
}

/** The last event of a question that was answered, well or not so well. */
export interface TurnEndEvent {
  type: "turn_end";
  isComplete: boolean;
  /** Of this question alone. */
  usage: UsageTotals;
  contextWindow: number;
  /** Of the first request, in ms. */
  firstTokenMs: number | undefined;
  /** Over all requests, without the time to their first tokens. */
  tokensPerSecond: number | undefined;
}

/** What this question has shown to work: nobody need take it for unknown. */
interface WorkedEvent {
  type: "worked";
  /** One sentence each, fit to print. */
  what: readonly string[];
}

/** What went wrong. The last event, except in the REPL. */
export interface ErrorEvent {
  type: "error";
  code: string;
  message: string;
  hint: string;
  /** True when a part of an answer had been shown. */
  isAnswerIncomplete: boolean;
}

/** The person stopped the answer. */
interface StoppedEvent {
  type: "stopped";
}
