import { join } from "node:path";
import { createFileStore } from "@vllm/discovery/file-store";
import type { JsonObject } from "../config-file/json-value.ts";
import { createCoderClawProvider } from "../coderclaw/create-provider.ts";
import type { CoderClawPluginApi } from "../coderclaw/plugin-api.ts";
import { createModelRefresh } from "../coderclaw/refresh-models.ts";
import { readSetupRecord } from "../agent-config/setup-record.ts";
import { currentSurroundings } from "../agents/agent-home.ts";
import type { AgentLocation } from "../agents/agent-location.ts";
import { locateOpenClaw } from "../agents/locate-openclaw.ts";
import { createOpenClawProvider } from "../openclaw/create-provider.ts";
import type { OpenClawPluginApi } from "../openclaw/plugin-api.ts";
import type { LearnedProfiles } from "../openclaw/learned-profiles.ts";
import { createOnboardingMemory } from "../openclaw/onboarding-memory.ts";
import { createLearnedProfiles } from "../openclaw/learned-profiles.ts";
import { coderClawManifest, openClawManifest } from "./manifests.ts";
import { coderClawPluginConfigSchema, openClawPluginConfigSchema, readPluginConfig } from "./plugin-config.ts";
import { OPENCLAW_PROVIDER_ID, PLUGIN_ID } from "../agents/plugin-ids.ts";

/** What either agent hands to `register`. */
export type PluginApi = CoderClawPluginApi | OpenClawPluginApi;

/** A plugin as both agents load it: a plain object. */
export interface VllmPlugin {
  id: string;
  name: string;
  description: string;
  configSchema: JsonObject;
  /** Synchronous, and throws nothing: what an agent does not have is left out. */
  register(api: PluginApi): void;
}

/** The plugin, with our own ids or (by the user's choice) with those of OpenClaw's bundled one. */
export function createPlugin(
  ids: { pluginId: string; providerId: string } = { pluginId: PLUGIN_ID, providerId: OPENCLAW_PROVIDER_ID },
): VllmPlugin {
  const { name, description } = coderClawManifest() as { name: string; description: string };
  return {
    id: ids.pluginId,
    name,
    description,
    configSchema: openClawManifest(ids)["configSchema"] as JsonObject,
    register(api) {
      try {
        if (isOpenClaw(api)) registerOpenClaw(api, ids.providerId);
        else registerCoderClaw(api);
      } catch (error) {
        api.logger?.warn(`vLLM could not be registered: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}

function isOpenClaw(api: PluginApi): api is OpenClawPluginApi {
  return "registerModelCatalogProvider" in api;
}

function registerCoderClaw(api: CoderClawPluginApi): void {
  const warn = (message: string): void => api.logger?.warn(message);
  api.registerProvider?.(createCoderClawProvider());
  const config = readPluginConfig(coderClawPluginConfigSchema, api.pluginConfig, warn);
  if (!config.refreshModels) return;
  api.on?.(
    "before_model_resolve",
    createModelRefresh({ config: api.config, surroundings: currentSurroundings(), warn }),
  );
}

function registerOpenClaw(api: OpenClawPluginApi, providerId: string): void {
  const logger = api.logger ?? { warn: () => undefined };
  const config = readPluginConfig(openClawPluginConfigSchema, api.pluginConfig, logger.warn.bind(logger));
  const profiles = createLearnedProfiles();
  const location = locateOpenClaw(currentSurroundings());
  void recall(profiles, location);
  const store = createFileStore(join(location.stateDir, "vllm-cache"));
  const memory = createOnboardingMemory(location, providerId);
  const settings = { providerId, env: process.env, logger, profiles, store, memory, ...config };
  api.registerProvider?.(createOpenClawProvider(settings));
}

/** What setup and sync have found out: with it the first turn needs no look at the server. */
async function recall(profiles: LearnedProfiles, location: AgentLocation): Promise<void> {
  try {
    const kept = (await readSetupRecord(location)).profiles();
    for (const [baseUrl, models] of Object.entries(kept)) for (const model of models) profiles.set(baseUrl, model);
  } catch {
    // Without a record the model's row in the configuration is enough to begin with.
  }
}
