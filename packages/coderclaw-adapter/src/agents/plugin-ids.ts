import { DEFAULTS } from "@vllm/schema/core";

/** The plugin's id in both agents. CoderClaw's installer takes the unscoped package name for it (agent/coderclaw/plugin-manifest). */
export const PLUGIN_ID = "coderclaw-adapter";

/** The provider's id in OpenClaw: `vllm` belongs to its bundled plugin, and taking it over is the user's choice. */
export const OPENCLAW_PROVIDER_ID = "vllm-plus";

/** What a person types to set up a provider of OpenClaw. */
export function openClawSetupCommand(providerId: string): string {
  return `npx @vllm/connect setup --agent openclaw --provider ${providerId}`;
}

/** First OpenClaw whose plugin API has all that is used. */
export const OPENCLAW_MIN_VERSION = "2026.9.0";

/** The OpenClaw this was built and tested with. */
export const OPENCLAW_TESTED_VERSION = "2026.9.6";

/**
 * Variables that OpenClaw takes for a key of this provider: without one it asks no provider for models, and runs none. The address is among
 * them, so that it is enough for a server without a key. It is never sent as one.
 */
export const OPENCLAW_ENV_VARIABLES = [DEFAULTS.apiKeyVariable, DEFAULTS.baseUrlVariable] as const;
