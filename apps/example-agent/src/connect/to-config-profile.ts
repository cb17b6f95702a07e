import type { Fact, ModelEntryInput, ModelProfile } from "@vllm/schema";
import { DEFAULTS } from "@vllm/schema";

/** An entry of `models.providers.<id>.models` → what is known about the model. What the entry leaves out is assumed, and says so. */
export function toConfigProfile(entry: ModelEntryInput): ModelProfile {
  return {
    id: entry.id,
    contextWindow: said(entry.contextWindow, DEFAULTS.contextWindow, "contextWindow"),
    input: said(entry.input, ["text"], "input"),
    toolCalling: { value: "unknown", source: "assumed", evidence: "an explicit provider is not asked" },
    reasoning:
      entry.reasoning === undefined
        ? { value: "unknown", source: "assumed", evidence: "the config has no reasoning for it" }
        : { value: entry.reasoning ? "yes" : "no", source: "user", evidence: "reasoning in the config" },
  };
}

function said<Value>(value: Value | undefined, otherwise: Value, key: string): Fact<Value> {
  return value === undefined
    ? { value: otherwise, source: "assumed", evidence: `the config has no ${key} for it` }
    : { value, source: "user", evidence: `${key} in the config` };
}
