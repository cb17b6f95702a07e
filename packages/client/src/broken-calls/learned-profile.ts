import type { ModelProfile } from "@vllm/schema/core";
import type { LearnedFacts } from "../options/client-options.ts";

/**
 * A chat template has refused a history: the strictest rules that one may have.
 *
 * @param refusesSystem it named the system message: not even the first one is accepted
 */
export function plainHistory(
  profile: Partial<ModelProfile> | undefined,
  evidence: string,
  refusesSystem: boolean,
): LearnedFacts {
  const value = {
    toolCallIds: "any",
    reasoningReplay: "unknown",
    ...profile?.history?.value,
    ...(refusesSystem ? { firstSystem: "rejected" as const } : {}),
    laterSystem: "rejected",
    secondSystem: "rejected",
    developerRole: "rejected",
    consecutiveUser: "rejected",
  } as const;
  return { history: { value, source: "learned", evidence } };
}

/** A server has refused tools, because it has no tool parser. */
export function noToolParser(evidence: string): LearnedFacts {
  return { toolCalling: { value: "no", source: "learned", evidence } };
}
