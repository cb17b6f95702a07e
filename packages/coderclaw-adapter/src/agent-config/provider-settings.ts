import type { ModelRef } from "@vllm/schema/core";
import {
  cleanApiKey,
  DEFAULTS,
  findModelAlias,
  isVllmProviderId,
  resolvePrimaryModel,
  safeParseModelRef,
} from "@vllm/schema/core";
import { variableReference } from "@vllm/schema/internal";
import type { JsonObject, JsonValue } from "../config-file/json-value.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import { OPENCLAW_PROVIDER_ID } from "../agents/plugin-ids.ts";
import { findProfileKey } from "../secrets/auth-profile-store.ts";
import type { ReadAgentConfig } from "./read-agent-config.ts";
import { substituteText } from "./substitute.ts";

/** Where a key comes from, in words fit to print. Never holds the key. */
export interface ResolvedKey {
  /** The key the agent would send; undefined for none. */
  key: string | undefined;
  source: string;
}

/** Provider ids in a configuration that are vLLM servers: `vllm`, `vllm-<name>`, in the order they are written. */
export function vllmProviderIds(config: JsonObject): string[] {
  const providers = getValue(config, ["models", "providers"]);
  return isObject(providers)
    ? Object.keys(providers).filter((id) => isVllmProviderId(id) && isObject(providers[id]))
    : [];
}

/** The settings of a provider as they are written; undefined when there are none. */
export function providerSettings(config: JsonObject, providerId: string): JsonObject | undefined {
  const settings = getValue(config, ["models", "providers", providerId]);
  return isObject(settings) ? settings : undefined;
}

/** The address a provider is asked at: the configured one, else `VLLM_BASE_URL`, else vLLM's own default. */
export function providerBaseUrl(agent: ReadAgentConfig, providerId: string): { baseUrl: string; source: string } {
  const written = providerSettings(agent.value, providerId)?.["baseUrl"];
  if (typeof written === "string" && written.trim() !== "")
    return { baseUrl: substituteText(written, agent.env), source: `models.providers.${providerId}.baseUrl` };
  const variable = agent.env[DEFAULTS.baseUrlVariable];
  return variable === undefined
    ? { baseUrl: DEFAULTS.baseUrl, source: "vLLM's default" }
    : { baseUrl: variable.trim(), source: DEFAULTS.baseUrlVariable };
}

/** The variable that holds a provider's key: `VLLM_API_KEY` for `vllm` and our `vllm-plus`, `VLLM_GPU1_API_KEY` for `vllm-gpu1`. */
export function keyVariable(providerId: string): string {
  if (providerId === DEFAULTS.providerId || providerId === OPENCLAW_PROVIDER_ID) return DEFAULTS.apiKeyVariable;
  return `${providerId.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_API_KEY`;
}

/**
 * The key the agent would send. CoderClaw: stored profiles, then `VLLM_API_KEY` for `vllm`, then the configured text as it
 * is. OpenClaw: what the configuration names, then the provider's variable; its own store is not readable from outside.
 */
export function resolveKey(agent: ReadAgentConfig, providerId: string): ResolvedKey {
  const configured = providerSettings(agent.value, providerId)?.["apiKey"];
  const name = keyVariable(providerId);
  // CoderClaw knows one variable, for one provider.
  const variable =
    agent.location.agent === "openclaw" || providerId === DEFAULTS.providerId ? agent.env[name] : undefined;
  if (agent.location.agent === "coderclaw") {
    const profileKey = findProfileKey(agent.profiles, providerId, asObject(agent.value["auth"]));
    if (profileKey !== undefined) return { key: profileKey, source: `the stored profile of ${providerId}` };
    if (variable !== undefined) return { key: cleanApiKey(variable), source: name };
  }
  const named = readConfigured(configured, agent);
  if (named.source !== "none") return named;
  return variable === undefined ? { key: undefined, source: "none" } : { key: cleanApiKey(variable), source: name };
}

function readConfigured(configured: JsonValue | undefined, { env, location }: ReadAgentConfig): ResolvedKey {
  if (isObject(configured) && configured["source"] === "env" && typeof configured["id"] === "string")
    return { key: env[configured["id"]], source: configured["id"] };
  if (typeof configured !== "string" || configured.trim() === "") return { key: undefined, source: "none" };
  if (configured === DEFAULTS.apiKeyVariable)
    return location.agent === "openclaw"
      ? { key: env[configured], source: configured }
      : { key: configured, source: `none, so that CoderClaw sends the name ${configured} itself` };
  const reference = variableReference(configured);
  if (reference !== undefined) return { key: env[reference], source: reference };
  return { key: cleanApiKey(substituteText(configured, env)), source: "apiKey of the configuration" };
}

/** The default model as it is written: `agents.defaults.model`, in either agent's form. */
export function writtenDefault(config: JsonObject): string | undefined {
  const choice = getValue(config, ["agents", "defaults", "model"]);
  const primary = typeof choice === "string" ? choice : isObject(choice) ? choice["primary"] : undefined;
  return typeof primary === "string" && primary.trim() !== "" ? primary.trim() : undefined;
}

/** The default model, by the agents' rule; undefined when none is written, or a text that names no model. */
export function defaultModel(config: JsonObject): ModelRef | undefined {
  return resolvePrimaryModel(config as Parameters<typeof resolvePrimaryModel>[0]);
}

/**
 * The model that the agents take a word of the user for (agent/coderclaw/model-ref): a ref is split at its first slash,
 * a word without one is an alias of `agents.defaults.models`, in any case of letters.
 *
 * @returns undefined for a word that is neither: the agents look for it at another provider.
 */
export function resolveModelRef(config: object, text: string): ModelRef | undefined {
  return text.includes("/")
    ? safeParseModelRef(text)
    : findModelAlias(getValue(config, ["agents", "defaults", "models"]), text);
}

/** The headers of a provider, substituted; values that are kept elsewhere (`{source: …}`) are left out. */
export function providerHeaders(agent: ReadAgentConfig, providerId: string): Record<string, string> {
  const headers = asObject(providerSettings(agent.value, providerId)?.["headers"]);
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, substituteText(value, agent.env)]] : [],
  );
  return Object.fromEntries(entries);
}
