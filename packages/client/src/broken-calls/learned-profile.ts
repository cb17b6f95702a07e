import type { ModelProfile } from "@vllm/schema/core";

/** A chat template has refused a history: the strictest rules that one may have. */
export function withPlainHistory(profile: ModelProfile, evidence: string): ModelProfile {
  const value = {
    toolCallIds: "any",
    reasoningReplay: "unknown",
    ...profile.history?.value,
    laterSystem: "rejected",
    secondSystem: "rejected",
    developerRole: "rejected",
    consecutiveUser: "rejected",
  } as const;
  return { ...profile, history: { value, source: "learned", evidence } };
}

/** A server has refused tools, because it has no tool parser. */
export function withoutToolParser(profile: ModelProfile, evidence: string): ModelProfile {
  return { ...profile, toolCalling: { value: "no", source: "learned", evidence } };
}
