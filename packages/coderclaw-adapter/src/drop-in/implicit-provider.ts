import { join } from "node:path";
import { findProfileKey, readAuthProfiles } from "../secrets/auth-profile-store.ts";
import type { DropInOptions } from "./discover-vllm-models.ts";
import { apiRootOf, isTestRun, look, toDefinitions } from "./discover-vllm-models.ts";
import type { AgentProviderConfig } from "./coderclaw-types.ts";
import { cleanApiKey, DEFAULTS } from "@vllm/schema/core";

/** What CoderClaw's `resolveImplicitProviders` has at hand (`agents/models-config.providers.ts`). */
export interface ImplicitVllmProviderParameters {
  /** The agent's folder, which holds `auth-profiles.json`. */
  agentDir: string;
  /** `models.providers` of the configuration. */
  explicitProviders?: Readonly<Record<string, unknown>> | null | undefined;
  /** `auth` of the configuration. */
  auth?: object | undefined;
}

/**
 * The vLLM block of CoderClaw's `resolveImplicitProviders`: a provider when the user opted in (`VLLM_API_KEY` or a stored profile) and
 * did not configure one; undefined otherwise.
 *
 * Undefined also when the server cannot be used at the moment: in mode `merge` the agent then keeps the models it knew, instead of
 * replacing them by nothing. The key itself is never in the result; the agent resolves it when it sends a request.
 */
export async function resolveImplicitVllmProvider(
  parameters: ImplicitVllmProviderParameters,
  options: DropInOptions = {},
): Promise<AgentProviderConfig | undefined> {
  const env = options.env ?? process.env;
  const { explicitProviders, agentDir, auth } = parameters;
  if (explicitProviders?.[DEFAULTS.providerId]) return undefined;
  // Discovery takes the variable before the profile, requests the other way round: the agent's own rules (agent/coderclaw/key-order).
  const key = cleanApiKey(env[DEFAULTS.apiKeyVariable]) ?? (await storedKey(agentDir, auth));
  if (key === undefined) return undefined;
  const baseUrl = env[DEFAULTS.baseUrlVariable]?.trim() || DEFAULTS.baseUrl;
  const fixed = { api: DEFAULTS.api, apiKey: DEFAULTS.apiKeyVariable };
  // The agent's own tests count on a provider without models there.
  if (isTestRun(env)) return { baseUrl: apiRootOf(baseUrl), ...fixed, models: [] };
  const report = await look(baseUrl, key, options);
  if (report === undefined) return undefined;
  const models = toDefinitions(report, options);
  if (models.length === 0) return undefined;
  return { baseUrl: report.apiRoot, ...fixed, models };
}

async function storedKey(agentDir: string, auth: object | undefined): Promise<string | undefined> {
  try {
    return findProfileKey(await readAuthProfiles(join(agentDir, "auth-profiles.json")), DEFAULTS.providerId, auth);
  } catch {
    return undefined;
  }
}
