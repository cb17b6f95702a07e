import type { Fact, InputKind, ModelProfile } from "@vllm/schema/core";
import { DEFAULTS } from "@vllm/schema/core";
import type { AgentModelRow } from "./stream-types.ts";

/** What is known about models, by address and id. Filled by discovery, corrected by what a server answers. */
export interface LearnedProfiles {
  get(baseUrl: string, modelId: string): ModelProfile | undefined;
  set(baseUrl: string, profile: ModelProfile): void;
  /** By id alone, for hooks that are told no address; the latest one wins. */
  find(modelId: string): ModelProfile | undefined;
}

export function createLearnedProfiles(): LearnedProfiles {
  const profiles = new Map<string, ModelProfile>();
  return {
    get: (baseUrl, modelId) => profiles.get(keyOf(baseUrl, modelId)),
    set: (baseUrl, profile) => void profiles.set(keyOf(baseUrl, profile.id), profile),
    find: (modelId) => [...profiles.values()].findLast((profile) => profile.id === modelId),
  };
}

function keyOf(baseUrl: string, modelId: string): string {
  return `${baseUrl.replace(/(?<!\/)\/+$/, "")} ${modelId}`;
}

/** What is known about a model; for one that nobody has looked at yet, what its row in the configuration says. */
export function profileFor(profiles: LearnedProfiles, model: AgentModelRow): ModelProfile {
  return profiles.get(model.baseUrl, model.id) ?? profileOfRow(model);
}

function profileOfRow(model: AgentModelRow): ModelProfile {
  const kinds = model.input?.filter(
    (kind) => kind === "text" || kind === "image" || kind === "audio" || kind === "video",
  );
  return {
    id: model.id,
    contextWindow: said(model.contextWindow, DEFAULTS.contextWindow, "contextWindow"),
    input: said<readonly InputKind[]>(kinds, DEFAULTS.input, "input"),
    toolCalling: { value: "unknown", source: "assumed", evidence: "nobody asked yet" },
    reasoning: { value: "unknown", source: "assumed", evidence: "nobody asked yet" },
  };
}

function said<Value>(value: Value | undefined, otherwise: Value, key: string): Fact<Value> {
  return value === undefined
    ? { value: otherwise, source: "assumed", evidence: `the configuration has no ${key} for it` }
    : { value, source: "user", evidence: `${key} in the configuration` };
}
