import { DEFAULTS } from "@vllm/schema/core";
import { variableReference } from "@vllm/schema/internal";
import { asObject } from "../../config-file/json-value.ts";
import { keyVariable, providerSettings } from "../../agent-config/provider-settings.ts";
import { isVariableName } from "../../secrets/api-key.ts";
import type { AdapterFinding } from "../adapter-finding.ts";
import type { AgentRule } from "../agent-situation.ts";

/** A key, or what is taken for one, in the configuration itself. */
export const keyInConfig: AgentRule = ({ config, providerId, env, agent, key }) => {
  const settings = providerSettings(config, providerId);
  const apiKey = settings?.["apiKey"];
  const headers = asObject(settings?.["headers"]);
  const findings: AdapterFinding[] = [];
  const at = `models.providers.${providerId}`;
  for (const [place, value] of [
    ["apiKey", apiKey] as const,
    ...Object.entries(headers).map(([name, text]) => [`headers.${name}`, text] as const),
  ]) {
    if (typeof value !== "string" || agent !== "coderclaw") continue;
    if (value.startsWith("!")) {
      findings.push({
        code: "KEY_WOULD_BE_EXECUTED",
        severity: "error",
        message: `${at}.${place} starts with "!": the agent's engine runs the rest as a shell command.`,
        fix: "Remove it, and store the key with npx @vllm/connect setup.",
      });
    } else if (value === DEFAULTS.apiKeyVariable && place === "apiKey") {
      // The agent knows this name for the provider vllm only; a stored profile comes first.
      if (providerId === DEFAULTS.providerId || key !== value) continue;
      findings.push({
        code: "KEY_IS_A_VARIABLE_NAME",
        severity: "warning",
        message: `${at}.apiKey is ${value}, which CoderClaw knows for the provider vllm only: here the name itself is sent as the key.`,
        fix: `npx @vllm/connect setup --provider ${providerId} stores the key.`,
      });
    } else if (isVariableName(value, env)) {
      findings.push({
        code: "KEY_IS_A_VARIABLE_NAME",
        severity: "warning",
        message: `${at}.${place} is the name of a set environment variable: ${place === "apiKey" ? "the name itself is sent as the key" : "its value is sent instead"}.`,
        fix: `Write "\${${value}}" if the variable is meant.`,
      });
    }
  }
  const isReference =
    typeof apiKey !== "string" || apiKey === DEFAULTS.apiKeyVariable || variableReference(apiKey) !== undefined;
  const isHarmless = apiKey === "" || ["local", "none", "n/a", "EMPTY", "dummy", "token"].includes(String(apiKey));
  if (!isReference && !isHarmless && findings.length === 0) {
    findings.push({
      code: "KEY_IN_CONFIG",
      severity: "warning",
      message: `${at}.apiKey holds a key in clear text.`,
      fix:
        agent === "coderclaw"
          ? `Write "${DEFAULTS.apiKeyVariable}" there, the name alone: npx @vllm/connect setup --provider ${providerId} then asks for the key, and stores it where CoderClaw keeps keys.`
          : `Write "\${${keyVariable(providerId)}}" there, and ${keyVariable(providerId)}=<the key> into OpenClaw's .env file (npx @vllm/connect where shows it).`,
    });
  }
  return findings;
};

/** CoderClaw runs no provider without a key. */
export const keyForAgent: AgentRule = ({ config, providerId, key, agent, missingVariables }) => {
  const settings = providerSettings(config, providerId);
  if (agent !== "coderclaw" || key !== undefined || settings === undefined) return undefined;
  if (missingVariables.some((name) => settings["apiKey"] === `\${${name}}`)) return undefined;
  return {
    code: "KEY_MISSING_FOR_HOST",
    severity: "error",
    message: `CoderClaw has no key for ${providerId} and refuses to run without one, even if the server needs none. An entry without a key also makes it drop every other configured model.`,
    fix: "npx @vllm/connect setup stores one (any text does for a server without a key).",
  };
};

/** A stored key that CoderClaw does not send for now. */
export const heldBack: AgentRule = ({ providerId, keyHeldBackUntil }) => {
  if (keyHeldBackUntil === undefined) return undefined;
  return {
    code: "KEY_HELD_BACK",
    severity: "warning",
    message: `CoderClaw holds the stored key of ${providerId} back until ${new Date(keyHeldBackUntil).toISOString()}: requests failed, and it takes the key for the cause, also when the server was.`,
    fix: `When the server works again, wait until then, or remove usageStats of the profile ${providerId}:default from auth-profiles.json (npx @vllm/connect where shows it).`,
  };
};
