import type { WireUsage } from "@vllm/client";

/** What a session has used, in tokens as the server counted them. */
export interface UsageTotals {
  requests: number;
  prompt: number;
  /** Of {@link prompt}: read from the server's prefix cache. Stays 0 unless the server tells it. */
  cached: number;
  output: number;
  /** Of {@link output}: thought. Stays 0 unless the server tells it. */
  reasoning: number;
  /** Prompt plus answer of the last request: how full the window is. */
  context: number;
}

export const NO_USAGE: UsageTotals = { requests: 0, prompt: 0, cached: 0, output: 0, reasoning: 0, context: 0 };

export function addUsage(totals: UsageTotals, usage: WireUsage | undefined): UsageTotals {
  const prompt = usage?.prompt_tokens ?? 0;
  const output = usage?.completion_tokens ?? 0;
  return {
    requests: totals.requests + 1,
    prompt: totals.prompt + prompt,
    cached: totals.cached + (usage?.prompt_tokens_details?.cached_tokens ?? 0),
    output: totals.output + output,
    reasoning: totals.reasoning + (usage?.completion_tokens_details?.reasoning_tokens ?? 0),
    context: usage === undefined ? totals.context : prompt + output,
  };
}
