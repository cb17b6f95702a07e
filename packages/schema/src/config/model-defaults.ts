import type { HostConfig } from "./host-config.ts";
import type { ModelEntry, ModelEntryInput } from "./model-entry.ts";
import type { ProviderConfigInput } from "./provider-config.ts";

/** What the agent takes for a configured model whose window is not written down, in tokens (agent rule: `agents/defaults.ts`). */
const CONTEXT_WINDOW = 200_000;
const MAX_TOKENS = 8192;

/** A model entry with nothing left open. */
export type ConfiguredModel = Omit<ModelEntryInput, CompletedKeys> & Pick<ModelEntry, CompletedKeys>;
type CompletedKeys = "reasoning" | "input" | "cost" | "contextWindow" | "maxTokens";

/** A provider whose model entries are complete. */
export type ConfiguredProvider = Omit<ProviderConfigInput, "models"> & { models: ConfiguredModel[] };

/** A {@link HostConfig} whose model entries are complete. */
export type ConfiguredHostConfig = Omit<HostConfig, "models"> & {
  models?:
    | (Omit<NonNullable<HostConfig["models"]>, "providers"> & { providers?: Record<string, ConfiguredProvider> })
    | undefined;
};

/**
 * The config as the agent sees it at run time: every model entry completed by the agent's own defaults (agent rule: `defaults.ts`,
 * `applyModelDefaults`). `maxTokens` is cut to the window. The given config is not changed.
 */
export function applyModelDefaults(config: HostConfig): ConfiguredHostConfig {
  const { models, ...rest } = config;
  if (models === undefined) return rest;
  const { providers, ...ofModels } = models;
  if (providers === undefined) return { ...rest, models: ofModels };
  const completed = Object.entries(providers).map(([id, provider]): [string, ConfiguredProvider] => [
    id,
    { ...provider, models: provider.models.map(completeModel) },
  ]);
  return { ...rest, models: { ...ofModels, providers: Object.fromEntries(completed) } };
}

function completeModel(entry: ModelEntryInput): ConfiguredModel {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = entry.cost ?? {};
  const contextWindow = entry.contextWindow ?? CONTEXT_WINDOW;
  return {
    ...entry,
    reasoning: entry.reasoning ?? false,
    input: entry.input ?? ["text"],
    cost: { input, output, cacheRead, cacheWrite },
    contextWindow,
    maxTokens: Math.min(entry.maxTokens ?? MAX_TOKENS, contextWindow),
  };
}
