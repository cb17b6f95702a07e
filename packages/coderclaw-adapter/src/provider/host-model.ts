import type { DiscoveredModel } from "@vllm/discovery";
import { toModelEntries } from "@vllm/discovery";
import type { FactSource, ModelProfile } from "@vllm/schema";
import type { JsonObject } from "../config-file/json-value.ts";
import type { AgentId } from "../agents/agent-location.ts";

/** Why a field of a model's entry has its value. */
export interface FieldReason {
  /** Dotted: `contextWindow`, `compat.supportsStore`. */
  field: string;
  value: unknown;
  source: FactSource;
  evidence: string;
}

/** A model as an agent's configuration holds it, with the reason for every field. */
export interface HostModel {
  id: string;
  /** Complete: the agent invents nothing. Passes the agent's strict schema. */
  entry: JsonObject;
  reasons: readonly FieldReason[];
}

/** OpenClaw counts four characters a token, which falls short for code and other languages. */
const OPENCLAW_SHARE = 0.9;

/** Tokens of a window that OpenClaw may plan with. */
export function openClawBudget(contextWindow: number): number {
  return Math.max(1, Math.floor(contextWindow * OPENCLAW_SHARE));
}

/** The smallest window with this budget. */
export function windowForOpenClawBudget(tokens: number): number {
  return Math.ceil(tokens / OPENCLAW_SHARE);
}

/**
 * Discovered models → entries of `models.providers.<id>.models`. Models that cannot chat are left out.
 * Everything comes from the model's profile; what nobody knows is marked `assumed`.
 */
export function toHostModels(models: readonly (DiscoveredModel | ModelProfile)[], agent: AgentId): HostModel[] {
  const profiles = new Map(models.map((model) => [model.id, "profile" in model ? model.profile : model]));
  return toModelEntries(models, agent === "coderclaw" ? { host: agent } : {}).map((written) => {
    const profile = profiles.get(written.id) as ModelProfile;
    const extras = agent === "coderclaw" ? coderClawExtras(profile) : openClawExtras(profile, written.contextWindow);
    const compat = { ...written.compat, ...extras.compat };
    const entry: JsonObject = {
      ...written,
      ...extras.fields,
      cost: { ...written.cost },
      ...(Object.keys(compat).length > 0 ? { compat } : {}),
    } as JsonObject;
    return { id: written.id, entry, reasons: toReasons(entry, profile) };
  });
}

interface Extras {
  fields: JsonObject;
  compat: JsonObject;
}

function coderClawExtras(profile: ModelProfile): Extras {
  // A template may keep the role `developer`, but models were trained on `system`.
  return { fields: {}, compat: { supportsDeveloperRole: false, supportsReasoningEffort: takesEffort(profile) } };
}

function openClawExtras(profile: ModelProfile, contextWindow: number): Extras {
  const input = profile.input.value.filter(
    (kind) => kind === "text" || kind === "image" || kind === "audio" || kind === "video",
  );
  const kwargs = profile.history?.value.keepReasoningKwargs;
  return {
    fields: {
      input: input.length > 0 ? input : ["text"],
      contextTokens: openClawBudget(contextWindow),
      ...(kwargs === undefined ? {} : { params: { chat_template_kwargs: { ...kwargs } as JsonObject } }),
    },
    compat: {
      supportsStore: false,
      supportsDeveloperRole: false,
      supportsStrictMode: profile.strictTools?.value === "yes",
      supportsUsageInStreaming: true,
      supportsReasoningEffort: takesEffort(profile),
      ...(switchesByEnableThinking(profile) ? { thinkingFormat: "qwen-chat-template" } : {}),
    },
  };
}

function takesEffort(profile: ModelProfile): boolean {
  return Object.values(profile.thinking?.value.efforts ?? {}).some((request) => request.reasoning_effort !== undefined);
}

/** The switch that OpenClaw's `qwen-chat-template` sends. */
function switchesByEnableThinking(profile: ModelProfile): boolean {
  return profile.thinking?.value.off?.chat_template_kwargs?.["enable_thinking"] === false;
}

function toReasons(entry: JsonObject, profile: ModelProfile): FieldReason[] {
  const known = new Map<string, { source: FactSource; evidence: string }>([
    ["contextWindow", profile.contextWindow],
    [
      "contextTokens",
      { source: profile.contextWindow.source, evidence: "90 % of the window: the agent counts tokens roughly" },
    ],
    [
      "maxTokens",
      { source: "assumed", evidence: "a quarter of the window, at most what an agent needs in one answer" },
    ],
    ["input", profile.input],
    ["reasoning", profile.reasoning],
    ["cost", { source: "assumed", evidence: "your own server costs nothing per token" }],
    ["name", { source: "server", evidence: "the served id" }],
    ["id", { source: "server", evidence: "the served id" }],
    ["params", profile.history ?? nobodyAsked],
    ["compat.supportsStore", { source: "server", evidence: "vLLM keeps no answers" }],
    ["compat.supportsDeveloperRole", { source: "server", evidence: "open models know the system role" }],
    ["compat.supportsStrictMode", profile.strictTools ?? nobodyAsked],
    ["compat.supportsUsageInStreaming", { source: "server", evidence: "every vLLM counts tokens in its streams" }],
    ["compat.maxTokensField", { source: "server", evidence: "every vLLM takes max_tokens" }],
    ["compat.supportsReasoningEffort", effortReason(profile)],
    ["compat.thinkingFormat", profile.thinking ?? nobodyAsked],
    ["compat.requiresMistralToolIds", profile.history ?? nobodyAsked],
  ]);
  return flatten(entry).map(([field, value]) => {
    const { source, evidence } = known.get(field) ?? nobodyAsked;
    return { field, value, source, evidence };
  });
}

function effortReason(profile: ModelProfile): { source: FactSource; evidence: string } {
  if (profile.thinking === undefined) return nobodyAsked;
  const { source, evidence } = profile.thinking;
  return takesEffort(profile)
    ? { source, evidence }
    : { source, evidence: "the chat template takes no reasoning_effort" };
}

const nobodyAsked = { source: "assumed", evidence: "nobody asked the server" } as const;

function flatten(entry: JsonObject): [string, unknown][] {
  return Object.entries(entry).flatMap(([field, value]): [string, unknown][] =>
    field === "compat"
      ? Object.entries(value as JsonObject).map(([key, item]) => [`compat.${key}`, item])
      : [[field, value]],
  );
}
