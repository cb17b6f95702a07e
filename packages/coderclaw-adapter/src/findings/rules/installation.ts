import { DEFAULTS, displayUrl, isVllmProviderId } from "@vllm/schema/core";
import { getValue } from "../../config-file/json-value.ts";
import { providerSettings } from "../../agent-config/provider-settings.ts";
import { variablePlaces } from "../../agent-config/substitute.ts";
import { PLUGIN_ID } from "../../agents/plugin-ids.ts";
import type { AdapterFinding } from "../adapter-finding.ts";
import type { AgentRule } from "../agent-situation.ts";

/** Our plugin is named and not there, or there and not loaded. */
export const plugin: AgentRule = ({ config, providerId, installation }) => {
  if (installation === undefined) return undefined;
  const { folder, disabledBy, namedBy } = installation.plugin;
  if (folder === undefined) {
    if (namedBy === undefined) return undefined;
    return {
      code: "PLUGIN_MISSING",
      severity: "error",
      message: `${namedBy} names the plugin ${PLUGIN_ID}, which is not installed: CoderClaw then refuses the whole configuration.`,
      fix: `npx @vllm/connect init-plugin installs it. If you do not need it, remove ${PLUGIN_ID} from ${namedBy.startsWith("plugins.entries") ? "plugins.entries" : namedBy}.`,
    };
  }
  if (disabledBy === undefined) return undefined;
  // With a provider in the configuration there is little left for it to do.
  const isNeeded = providerSettings(config, providerId) === undefined;
  return {
    code: "PLUGIN_DISABLED",
    severity: isNeeded ? "warning" : "info",
    message: `The plugin ${PLUGIN_ID} is installed, and ${disabledBy} keeps CoderClaw from loading it.`,
    fix:
      disabledBy === "plugins.allow"
        ? "npx @vllm/connect init-plugin"
        : (SWITCH_ON[disabledBy] ?? `Set ${disabledBy} to true.`),
  };
};

const SWITCH_ON: Readonly<Record<string, string>> = { "plugins.deny": `Remove ${PLUGIN_ID} from plugins.deny.` };

/** A variable that this shell sets and the gateway's service does not have. */
export const onlyInShell: AgentRule = ({ config, env, key, keySource, providerId, installation }) => {
  if (installation === undefined) return undefined;
  const { fileEnv, service, envFile } = installation;
  if (service !== undefined && service.variables === undefined) return undefined;
  const isThere = (from: Readonly<Record<string, string | undefined>>, name: string): boolean =>
    (from[name] ?? "").trim() !== "";
  const isOnlyHere = (name: string): boolean =>
    isThere(env, name) && !isThere(fileEnv, name) && !(service?.variables ?? []).includes(name);
  const finding = (name: string, effect: { does: string; would: string }, fix: string): AdapterFinding => ({
    code: "VARIABLE_ONLY_IN_SHELL",
    severity: service === undefined ? "info" : "error",
    message:
      service === undefined
        ? `${name} is set in this shell only. A gateway that runs as a service would not have it, and ${effect.would}.`
        : `${name} is set in this shell, but not for the gateway's service (${service.path}), which ${effect.does}.`,
    fix,
  });
  const ignores = { does: "ignores the whole configuration without it", would: "would ignore the whole configuration" };
  const hasNoKey = { does: `has no key for ${providerId} without it`, would: `would have no key for ${providerId}` };
  const provider = providerId === DEFAULTS.providerId ? "" : ` --provider ${providerId}`;
  const findings = [...variablePlaces(config).keys()]
    .filter(isOnlyHere)
    .map((name) => finding(name, ignores, `Set ${name} in ${envFile}, then restart the gateway.`));
  if (key !== undefined && keySource === DEFAULTS.apiKeyVariable && isOnlyHere(keySource))
    findings.push(
      finding(
        keySource,
        hasNoKey,
        `npx @vllm/connect setup --store-key${provider} stores the key where CoderClaw keeps keys.`,
      ),
    );
  return findings;
};

/** What CoderClaw has kept of a server that is not configured any more. */
export const modelsFile: AgentRule = ({ config, key, providerId, installation }) => {
  const file = installation?.modelsFile;
  if (file === undefined || getValue(config, ["models", "mode"]) === "replace") return undefined;
  return Object.keys(file.providers).flatMap((id): AdapterFinding[] => {
    // The provider vllm is discovered as long as there is a key for it.
    const isDiscovered = id === DEFAULTS.providerId && (providerId !== id || key !== undefined);
    if (!isVllmProviderId(id) || isDiscovered || providerSettings(config, id) !== undefined) return [];
    const baseUrl = getValue(file.providers, [id, "baseUrl"]);
    const where = typeof baseUrl === "string" ? ` at ${displayUrl(baseUrl)}` : "";
    return [
      {
        code: "MODELS_FILE_OUT_OF_DATE",
        severity: "warning",
        message: `${file.path} still has the provider ${id}${where}, which is neither configured nor discovered any more. CoderClaw keeps such entries, lists their models, and has no key for them.`,
        fix: `Remove ${id} from providers in that file, or set it up again: npx @vllm/connect setup --provider ${id}`,
      },
    ];
  });
};
