import type { WireUsage } from "@vllm/client";
import type { AgentEvent, ReplyStatisticsEvent } from "./agent-event.ts";

export interface ReplyTimer {
  see(event: AgentEvent): void;
  statistics(usage: WireUsage | undefined): ReplyStatisticsEvent;
}

const OUTPUT: ReadonlySet<AgentEvent["type"]> = new Set([
  "text_delta",
  "thinking_delta",
  "toolcall_start",
  "toolcall_delta",
]);

/** Measures one answer. Create it when the request is sent. `now` is in ms. */
export function createReplyTimer(now: () => number = () => performance.now()): ReplyTimer {
  const start = now();
  let first: number | undefined;
  let last = start;
  return {
    see({ type }) {
      if (!OUTPUT.has(type)) return;
      last = now();
      first ??= last;
    },
    statistics(usage) {
      return {
        type: "reply_statistics",
        usage,
        firstTokenMs: first === undefined ? undefined : first - start,
        outputMs: last - (first ?? last),
      };
    },
  };
}
