import { cleanApiKey, DEFAULTS } from "@vllm/schema";

export interface ResolvedKey {
  apiKey?: string | undefined;
  /** Where it comes from, never the key. */
  source: string;
}

/**
 * The key for a provider, by the agent's rule: `VLLM_API_KEY`, then the agent's auth profile (both belong to `vllm` alone), then
 * the config's `apiKey`, which is a variable's name or the key itself.
 */
export function resolveKey(
  setting: string | undefined,
  providerId: string,
  { env, profileKey }: { env: Readonly<Record<string, string | undefined>>; profileKey?: string | undefined },
): ResolvedKey {
  const variable = DEFAULTS.apiKeyVariable;
  if (providerId === DEFAULTS.providerId || setting === variable) {
    const apiKey = cleanApiKey(env[variable]);
    if (apiKey !== undefined) return { apiKey, source: variable };
  }
  if (providerId === DEFAULTS.providerId && profileKey !== undefined) {
    return { apiKey: profileKey, source: "the agent's auth profile" };
  }
  const apiKey = setting === variable ? undefined : cleanApiKey(setting);
  return apiKey === undefined ? { source: "none" } : { apiKey, source: `models.providers.${providerId}.apiKey` };
}
