import type { BridgeLogEntry } from "@vllm/bridge";

/** What the bridge saw of a run. */
export interface Tally {
  requests: number;
  promptTokens: number;
  /** Undefined until an answer reports it. */
  cachedTokens: number | undefined;
  completionTokens: number;
  /** Time in which those were written. */
  writingMs: number;
  repairedCalls: number;
  retriedCalls: number;
  /** Tokens of the first request of a conversation: the agent's own prompt. */
  ownPromptTokens: number | undefined;
  note(entry: BridgeLogEntry): void;
}

const CHATS = /^\/v1\/(?:chat\/completions|messages|responses)$/;

export function createTally(): Tally {
  return {
    requests: 0,
    promptTokens: 0,
    cachedTokens: undefined,
    completionTokens: 0,
    writingMs: 0,
    repairedCalls: 0,
    retriedCalls: 0,
    ownPromptTokens: undefined,
    note(entry) {
      if (entry.method !== "POST" || !CHATS.test(entry.path)) return;
      this.requests += 1;
      this.repairedCalls += entry.repairedCalls ?? 0;
      this.retriedCalls += entry.retriedCalls ?? 0;
      if (entry.isOpening === true) this.ownPromptTokens ??= entry.promptTokens;
      if (entry.completionTokens === undefined) return;
      this.promptTokens += entry.promptTokens ?? 0;
      this.completionTokens += entry.completionTokens;
      this.writingMs += entry.durationMs - (entry.firstTokenMs ?? 0);
      if (entry.cachedTokens !== undefined) this.cachedTokens = (this.cachedTokens ?? 0) + entry.cachedTokens;
    },
  };
}
