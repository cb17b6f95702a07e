import { cleanApiKey, DEFAULTS, displayUrl, isVllmProviderId, resolvePrimaryModel } from "@vllm/schema/core";

/** An agent's config as far as it matters here. Loose: the agent's own validation is elsewhere (`parseHostConfig`). */
export interface HostConfigLike {
  models?: { providers?: Readonly<Record<string, unknown>> | undefined } | undefined;
  agents?: { defaults?: { model?: unknown; models?: unknown } | undefined } | undefined;
}

export interface DecideProviderInput {
  config: HostConfigLike | undefined;
  env: Readonly<Record<string, string | undefined>>;
  hasAuthProfile: boolean;
}

/** What to do about the vLLM provider, before any request. */
export type ProviderDecision =
  | { kind: "explicit"; providerId: string; settings: unknown; reason: string }
  | { kind: "discover"; providerId: string; baseUrl: string; optedInBy: "VLLM_API_KEY" | "auth-profile" }
  | { kind: "off"; providerId: string; reason: string };

/**
 * The rules: an explicit `models.providers.vllm` (or the `vllm-<name>` that the default model names, or the only one there is) is used as it is;
 * else discovery runs only when the user opted in, by a non-blank `VLLM_API_KEY` or an auth profile. Pure.
 */
export function decideProvider({ config, env, hasAuthProfile }: DecideProviderInput): ProviderDecision {
  const providers = config?.models?.providers ?? {};
  const hasKey = cleanApiKey(env[DEFAULTS.apiKeyVariable]) !== undefined;
  const isOptedIn = hasKey || hasAuthProfile;
  const explicit = explicitProviderId(providers, resolvePrimaryModel(config ?? {})?.provider, isOptedIn);
  if (explicit !== undefined) {
    return {
      kind: "explicit",
      providerId: explicit,
      settings: providers[explicit],
      reason: `models.providers.${explicit} is set in the config, so it is used as it is and nothing is discovered.`,
    };
  }
  const providerId = DEFAULTS.providerId;
  if (!isOptedIn) {
    const isBlank = env[DEFAULTS.apiKeyVariable] !== undefined;
    return {
      kind: "off",
      providerId,
      reason: `Discovery is off because VLLM_API_KEY is ${isBlank ? "set but blank" : "not set"} and there is neither an auth profile for vllm nor models.providers.vllm; set VLLM_API_KEY to any value to look at ${displayUrl(baseUrlOf(env))}.`,
    };
  }
  const optedInBy = hasKey ? "VLLM_API_KEY" : "auth-profile";
  return { kind: "discover", providerId, baseUrl: baseUrlOf(env), optedInBy };
}

function explicitProviderId(
  providers: Readonly<Record<string, unknown>>,
  wanted: string | undefined,
  isOptedIn: boolean,
): string | undefined {
  const ids = Object.keys(providers).filter(
    (id) => isVllmProviderId(id) && providers[id] !== undefined && providers[id] !== null,
  );
  // A further server is all there is when nobody asked for `vllm` to be looked for.
  const onlyOne = isOptedIn ? undefined : ids[0];
  return ids.find((id) => id === wanted) ?? ids.find((id) => id === DEFAULTS.providerId) ?? onlyOne;
}

function baseUrlOf(env: DecideProviderInput["env"]): string {
  const value = env[DEFAULTS.baseUrlVariable]?.trim() ?? "";
  return value === "" ? DEFAULTS.baseUrl : value;
}
