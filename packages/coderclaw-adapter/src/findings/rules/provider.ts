import { DEFAULTS } from "@vllm/schema/core";
import { asObject, getValue } from "../../config-file/json-value.ts";
import { providerSettings, vllmProviderIds } from "../../agent-config/provider-settings.ts";
import { variablePlaces } from "../../agent-config/substitute.ts";
import { AGENT_LABELS } from "../../agents/agent-location.ts";
import { modelsOf } from "../../provider/merge-model.ts";
import type { AgentRule } from "../agent-situation.ts";
import { syncFix } from "../sync-fix.ts";

/** `${NAME}` in the configuration, and nothing by that name here. */
export const variables: AgentRule = ({ missingVariables, agent, config }) => {
  if (missingVariables.length === 0) return undefined;
  const places = variablePlaces(config);
  const named = missingVariables.map((name) => {
    const at = places.get(name) ?? [];
    return `\${${name}}${at.length === 0 ? "" : ` (${at.join(", ")})`}`;
  });
  const isOne = named.length === 1;
  return {
    code: "VARIABLE_MISSING",
    severity: "error",
    message: `The configuration refers to ${named.join(" and ")}, which ${isOne ? "is" : "are"} not set here. ${agent === "coderclaw" ? "CoderClaw then ignores the whole file." : "OpenClaw cannot use what depends on it."}`,
    fix: `Set ${missingVariables.join(" and ")} where ${AGENT_LABELS[agent]} runs, for example in its .env file.`,
  };
};

/** Agents compare provider ids letter by letter. */
export const providerIdCase: AgentRule = ({ config }) => {
  const providers = getValue(config, ["models", "providers"]);
  const odd = Object.keys(asObject(providers)).filter((id) => id !== id.toLowerCase() && /^vllm(-|$)/i.test(id));
  return odd.map((id) => ({
    code: "PROVIDER_ID_CASE",
    severity: "warning",
    message: `models.providers.${id} is not models.providers.${id.toLowerCase()}: the agent would have both.`,
    fix: `Rename it to ${id.toLowerCase()}.`,
  }));
};

/** No vLLM server in the configuration, and what the agent does then. */
export const provider: AgentRule = ({ config, providerId, env, agent, report, installation }) => {
  if (providerSettings(config, providerId) !== undefined) return undefined;
  const others = vllmProviderIds(config);
  if (others.length > 0) return undefined;
  const isImplicit = agent === "coderclaw" && (env[DEFAULTS.apiKeyVariable] ?? "") !== "";
  const windows = (report?.models ?? []).flatMap(({ contextWindow }) => contextWindow ?? []);
  const isGuessTooLarge = windows.some((window) => window < DEFAULTS.contextWindow);
  if (isImplicit && installation?.plugin.refreshesModels === true)
    return {
      code: "PROVIDER_MISSING",
      severity: "info",
      message: `No vLLM server is configured. Because ${DEFAULTS.apiKeyVariable} is set, CoderClaw looks at ${DEFAULTS.baseUrl}. It guesses a window of ${DEFAULTS.contextWindow} tokens, which our plugin replaces by the server's before each run of the gateway.`,
      fix: "npx @vllm/connect setup",
    };
  return {
    code: "PROVIDER_MISSING",
    severity: isImplicit && !isGuessTooLarge ? "info" : "warning",
    message: isImplicit
      ? `No vLLM server is configured. Because ${DEFAULTS.apiKeyVariable} is set, CoderClaw looks at ${DEFAULTS.baseUrl} and guesses a window of ${DEFAULTS.contextWindow} tokens${isGuessTooLarge ? `; the server ends at ${Math.min(...windows)}` : ""}.`
      : "No vLLM server is configured.",
    fix: "npx @vllm/connect setup",
  };
};

/** A provider without models. */
export const emptyList: AgentRule = (situation) => {
  const { config, providerId, agent } = situation;
  const settings = providerSettings(config, providerId);
  if (settings === undefined || modelsOf(settings).length > 0) return undefined;
  return {
    code: "PROVIDER_HAS_NO_MODELS",
    severity: "error",
    message:
      agent === "coderclaw"
        ? `models.providers.${providerId}.models is empty: CoderClaw then makes up a window of 200000 tokens for any id.`
        : `models.providers.${providerId}.models is empty: OpenClaw then assumes a window of 200000 tokens, and finds no key for a server without one.`,
    fix: syncFix(situation),
  };
};
