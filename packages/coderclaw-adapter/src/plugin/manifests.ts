import { z } from "zod";
import type { JsonObject } from "../config-file/json-value.ts";
import { coderClawPluginConfigSchema, openClawPluginConfigSchema } from "./plugin-config.ts";
import { OPENCLAW_ENV_VARIABLES, OPENCLAW_PROVIDER_ID, PLUGIN_ID } from "../agents/plugin-ids.ts";

const NAME = "vLLM";
const DESCRIPTION = "Finds your vLLM server, knows what its models can do, and streams from it.";

/** `coderclaw.plugin.json` (agent/coderclaw/plugin-manifest). */
export function coderClawManifest(): JsonObject {
  return {
    id: PLUGIN_ID,
    name: NAME,
    description: DESCRIPTION,
    providers: ["vllm"],
    configSchema: toConfigSchema(coderClawPluginConfigSchema),
  };
}

/** `openclaw.plugin.json`: the agent reads it before any code of ours. */
export function openClawManifest(
  ids: { pluginId: string; providerId: string } = { pluginId: PLUGIN_ID, providerId: OPENCLAW_PROVIDER_ID },
): JsonObject {
  const { pluginId, providerId } = ids;
  return {
    id: pluginId,
    name: NAME,
    description: DESCRIPTION,
    categories: ["models"],
    activation: { onStartup: false },
    providers: [providerId],
    modelCatalog: { discovery: { [providerId]: "refreshable" } },
    providerRequest: {
      providers: { [providerId]: { family: "vllm", openAICompletions: { supportsStreamingUsage: true } } },
    },
    modelPricing: { providers: { [providerId]: { external: false } } },
    setup: { providers: [{ id: providerId, envVars: [...OPENCLAW_ENV_VARIABLES] }] },
    syntheticAuthRefs: [providerId],
    providerAuthChoices: [
      {
        provider: providerId,
        method: "server",
        choiceId: providerId,
        choiceLabel: providerId === "vllm" ? "vLLM" : "vLLM (finds the server, its models and their windows)",
        choiceHint: "Your own vLLM server; a key only if it requires one",
        groupId: "vllm",
        groupLabel: "vLLM",
        groupHint: "Your own vLLM server",
      },
    ],
    configSchema: toConfigSchema(openClawPluginConfigSchema),
  };
}

/** What a person may write: everything optional, nothing else allowed. */
function toConfigSchema(schema: z.ZodType): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest as JsonObject;
}
