import type { FactSource, InputKind, ModelEntry, ModelProfile } from "@vllm/schema";
import { DEFAULTS } from "@vllm/schema/core";
import type { DiscoveredModel } from "../report/server-report.ts";
import { isChat } from "./base-of.ts";

/** Values of the user's own. They win over everything that was found. */
export type ModelOverride = Partial<Omit<ModelEntry, "id">>;

/** Everything is optional. */
export interface ToModelEntriesOptions {
  /** By model id, or by a pattern in which `*` stands for any text. A whole id wins over a pattern, a longer pattern over a shorter one. */
  overrides?: Readonly<Record<string, ModelOverride>> | undefined;
  /** Adds the `compat` keys that this agent knows. Without it there is no `compat`. */
  host?: "coderclaw" | undefined;
  /** Window in tokens where nobody said one. Default: the agent's own 128000. */
  defaultContextWindow?: number | undefined;
}

/** Largest answer asked for where the agent decides it. CoderClaw and pi-ai compact 16384 tokens or more before the window ends. */
const LARGEST_THINKING_ANSWER = 16_384;

/**
 * Models → entries as the agents want them in `models.providers.<id>.models`: every key is there, so that the agent invents nothing.
 * Models that cannot chat are left out; each id comes once, in the server's order.
 *
 * `maxTokens` is a quarter of the window, at most 8192, or 16384 for a model that thinks (its thought counts too), and never more than the
 * server lets an answer have.
 */
export function toModelEntries(
  models: readonly (DiscoveredModel | ModelProfile | string)[],
  options: ToModelEntriesOptions = {},
): ModelEntry[] {
  const entries = new Map<string, ModelEntry>();
  for (const model of models) {
    if (typeof model === "object" && "task" in model && !isChat(model)) continue;
    const entry = toEntry(model, options);
    if (!entries.has(entry.id)) entries.set(entry.id, entry);
  }
  return [...entries.values()];
}

function toEntry(model: DiscoveredModel | ModelProfile | string, options: ToModelEntriesOptions): ModelEntry {
  const id = typeof model === "string" ? model : model.id;
  const profile = typeof model === "string" ? undefined : "profile" in model ? model.profile : model;
  const override = findOverride(id, options.overrides);
  const reasoning = override?.reasoning ?? (isThinkingUnseen(model) || canThink(profile));
  const contextWindow = override?.contextWindow ?? windowOf(profile, options);
  const entry: ModelEntry = {
    id,
    name: override?.name ?? id,
    reasoning,
    input: override?.input ?? agentInputs(profile?.input.value),
    cost: { ...DEFAULTS.cost, ...override?.cost },
    contextWindow,
    maxTokens: Math.min(
      override?.maxTokens ?? answerLimit(contextWindow, reasoning),
      contextWindow,
      profile?.maxOutputTokens?.value ?? contextWindow,
    ),
  };
  const compat = { ...compatFor(options.host, profile), ...override?.compat };
  if (Object.keys(compat).length > 0) entry.compat = compat;
  if (override?.headers !== undefined) entry.headers = override.headers;
  return entry;
}

const ASSUMED: FactSource = "assumed";

function windowOf(profile: ModelProfile | undefined, options: ToModelEntriesOptions): number {
  const fallback = options.defaultContextWindow ?? DEFAULTS.contextWindow;
  return profile === undefined || profile.contextWindow.source === ASSUMED ? fallback : profile.contextWindow.value;
}

function answerLimit(contextWindow: number, reasoning: boolean): number {
  const largest = reasoning ? LARGEST_THINKING_ANSWER : DEFAULTS.maxTokens;
  return Math.max(1, Math.min(largest, Math.floor(contextWindow / 4)));
}

/** Agents mean by `reasoning` a model that thinks, with or without a parser on the server. */
function canThink(profile: ModelProfile | undefined): boolean {
  if (profile?.reasoning.value === "yes") return true;
  const thinking = profile?.thinking?.value;
  return thinking !== undefined && (thinking.default !== "off" || thinking.on !== undefined);
}

/**
 * The template was asked, and the time was over before it had shown whether the model thinks. An agent that is told "no" throws reasoning away;
 * one that is told "yes" of a model that does not think loses nothing.
 */
function isThinkingUnseen(model: DiscoveredModel | ModelProfile | string): boolean {
  if (typeof model === "string" || !("thinks" in model)) return false;
  return (
    model.thinks.status === "unknown" && model.thinks.source === "probed" && model.profile.reasoning.value !== "yes"
  );
}

function agentInputs(kinds: readonly InputKind[] | undefined): ("text" | "image")[] {
  return kinds?.includes("image") ? ["text", "image"] : ["text"];
}

/** Keys of CoderClaw's schema. vLLM ignores `store`, and a template may refuse `developer`, so that it must be shown to work. */
function compatFor(
  host: ToModelEntriesOptions["host"],
  profile: ModelProfile | undefined,
): NonNullable<ModelEntry["compat"]> {
  if (host === undefined) return {};
  return {
    supportsStore: false,
    supportsDeveloperRole: profile?.history?.value.developerRole === "kept",
    supportsStrictMode: profile?.strictTools?.value === "yes",
    supportsUsageInStreaming: true,
    maxTokensField: "max_tokens",
    ...(profile?.history?.value.toolCallIds === "mistral" ? { requiresMistralToolIds: true } : {}),
  };
}

function findOverride(id: string, overrides: ToModelEntriesOptions["overrides"]): ModelOverride | undefined {
  if (overrides === undefined) return undefined;
  if (Object.hasOwn(overrides, id)) return overrides[id];
  const pattern = Object.keys(overrides)
    .filter((key) => key.includes("*") && matches(key, id))
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))[0];
  return pattern === undefined ? undefined : overrides[pattern];
}

function matches(pattern: string, id: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = id.indexOf(part, at);
    if (found < 0 || found + part.length > id.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
