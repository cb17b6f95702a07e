import type { Fact, HistoryRules, ModelProfile, ThinkingControl } from "@vllm/schema/core";

function fact<Value>(value: Value): Fact<Value> {
  return { value, source: "probed", evidence: "a test says so" };
}

export const EASY_RULES: HistoryRules = {
  laterSystem: "kept",
  secondSystem: "kept",
  developerRole: "kept",
  consecutiveUser: "kept",
  toolCallIds: "any",
  reasoningReplay: "unknown",
};

/** A model that can do everything, but for what is said otherwise. */
export function profileWith(facts: {
  thinking?: ThinkingControl;
  history?: Partial<HistoryRules>;
  toolCalling?: "yes" | "no" | "unknown";
  reasoning?: "yes" | "no" | "unknown";
  thoughtOpenedByTemplate?: boolean;
  serverVersion?: string;
}): ModelProfile {
  return {
    id: "model",
    serverVersion: facts.serverVersion,
    contextWindow: fact(32_768),
    input: fact(["text"]),
    toolCalling: fact(facts.toolCalling ?? "yes"),
    reasoning: fact(facts.reasoning ?? "yes"),
    thoughtOpenedByTemplate:
      facts.thoughtOpenedByTemplate === undefined ? undefined : fact(facts.thoughtOpenedByTemplate),
    thinking: facts.thinking === undefined ? undefined : fact(facts.thinking),
    history: facts.history === undefined ? undefined : fact({ ...EASY_RULES, ...facts.history }),
  };
}
