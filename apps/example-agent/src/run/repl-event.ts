import type { ModelFacts } from "../connect/connect-event.ts";
import type { UsageTotals } from "../conversation/usage-totals.ts";

/** What a conversation tells: its beginning, and the answers of its commands. */
export type ReplEvent =
  | { type: "conversation"; model: string; contextWindow: number; baseUrl: string; folder: string }
  | { type: "models"; current: string; models: readonly ModelFacts[] }
  | { type: "usage"; usage: UsageTotals; turns: number; contextWindow: number }
  /** Anything else, fit to print. */
  | { type: "reply"; text: string };
