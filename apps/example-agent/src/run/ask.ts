import type { Agent } from "../conversation/agent.ts";
import type { ReplyStatisticsEvent } from "../conversation/agent-event.ts";
import type { UsageTotals } from "../conversation/usage-totals.ts";
import { addUsage, NO_USAGE } from "../conversation/usage-totals.ts";
import type { RunEvent } from "./run-event.ts";
import { toErrorEvent } from "./to-error-event.ts";

/** How a question ended. */
export type AskOutcome = "complete" | "incomplete" | "failed" | "stopped";

/** Asks one question and tells everything that happens to `emit`. Never throws: a failure is an event. */
export async function ask(
  agent: Agent,
  question: string,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
): Promise<AskOutcome> {
  const replies: ReplyStatisticsEvent[] = [];
  emit({ type: "question", text: question });
  try {
    const events = agent.ask(question, signal);
    for (;;) {
      const next = await events.next();
      if (next.done === true) {
        const isComplete = next.value;
        emit({ type: "turn_end", isComplete, contextWindow: agent.contextWindow, ...summarize(replies) });
        return isComplete ? "complete" : "incomplete";
      }
      if (next.value.type === "reply_statistics") replies.push(next.value);
      emit(next.value);
    }
  } catch (error) {
    if (signal.aborted) {
      emit({ type: "stopped" });
      return "stopped";
    }
    emit(toErrorEvent(error));
    return "failed";
  }
}

function summarize(replies: readonly ReplyStatisticsEvent[]): {
  usage: UsageTotals;
  firstTokenMs: number | undefined;
  tokensPerSecond: number | undefined;
} {
  let usage = NO_USAGE;
  let tokens = 0;
  let seconds = 0;
  for (const reply of replies) {
    usage = addUsage(usage, reply.usage);
    tokens += Math.max(0, (reply.usage?.completion_tokens ?? 0) - 1);
    seconds += reply.outputMs / 1000;
  }
  return {
    usage,
    firstTokenMs: replies[0]?.firstTokenMs,
    tokensPerSecond: seconds > 0 && tokens > 0 ? tokens / seconds : undefined,
  };
}
