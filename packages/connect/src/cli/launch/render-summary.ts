import type { Tally } from "./tally.ts";

/** The last line: `12 requests · 182,340 tokens in (91 % from the prefix cache) · 4,211 out · 38 tok/s · 1 broken call retried`. */
export function renderSummary(modelId: string, tally: Tally, cachedShare: number | undefined): string {
  const { requests, promptTokens, completionTokens, writingMs, repairedCalls, retriedCalls } = tally;
  const share = cachedShare === undefined ? "" : ` (${Math.round(cachedShare * 100)} % from the prefix cache)`;
  const perSecond = writingMs === 0 ? 0 : (completionTokens * 1000) / writingMs;
  const parts = [
    modelId,
    count(requests, "request"),
    ...(completionTokens + promptTokens === 0
      ? []
      : [`${toText(promptTokens)} tokens in${share}`, `${toText(completionTokens)} out`]),
    ...(perSecond === 0 ? [] : [`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} tok/s`]),
    ...(repairedCalls === 0 ? [] : [`${count(repairedCalls, "call")} repaired`]),
    ...(retriedCalls === 0 ? [] : [`${count(retriedCalls, "broken call")} retried`]),
  ];
  return parts.join(" · ");
}

function count(number: number, word: string): string {
  return `${toText(number)} ${word}${number === 1 ? "" : "s"}`;
}

function toText(number: number): string {
  return number.toLocaleString("en-US");
}
