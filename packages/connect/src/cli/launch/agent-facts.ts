import type { DiscoveredModel } from "@vllm/discovery";
import { normalizeBaseUrl } from "@vllm/schema/core";
import type { AgentFacts, Budget } from "../../agents/agent.ts";

/** What most models write in one go; a longer answer of an agent is a file that it should write in pieces. */
const MOST_OUTPUT = 16_384;
/** Where the server does not report its window. */
const USUAL_OUTPUT = 8192;

/** What an agent is told about a model at an address. A smaller budget that the user has set is kept. */
export function toAgentFacts(
  model: DiscoveredModel,
  place: { baseUrl: string; needsKey: boolean; budget?: Budget | undefined },
): AgentFacts {
  const { contextWindow, profile } = model;
  const { apiRoot, serverRoot } = normalizeBaseUrl(place.baseUrl);
  const window = least(contextWindow, place.budget?.window);
  const usual = window === undefined ? USUAL_OUTPUT : Math.min(MOST_OUTPUT, Math.floor(window / 4));
  const off = profile.thinking?.value.off?.chat_template_kwargs ?? {};
  return {
    baseUrl: apiRoot,
    serverRoot,
    needsKey: place.needsKey,
    modelId: model.id,
    window,
    maxOutput: least(usual, profile.maxOutputTokens?.value, place.budget?.maxOutput) as number,
    reasons: model.thinks.status === "yes",
    hasThinkingSwitch: "enable_thinking" in off,
    takesImages: model.imageInput.status === "yes",
  };
}

function least(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
