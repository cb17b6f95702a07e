import { existsSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue } from "../config-file/json-value.ts";
import { agentPath } from "../agents/agent-home.ts";
import { PLUGIN_ID } from "../agents/plugin-ids.ts";

/** Our plugin in CoderClaw: whether it is there, and whether the configuration lets it run. */
export interface PluginState {
  /** Its folder; undefined when it is not installed. */
  folder: string | undefined;
  /** The setting that keeps it from being loaded, `plugins.deny`; undefined when none does. */
  disabledBy: string | undefined;
  /** The setting that names it, `plugins.entries.coderclaw-adapter`; undefined when none does. */
  namedBy: string | undefined;
  /** Whether it brings the windows of discovered models up to date before a run. */
  refreshesModels: boolean;
}

/** @param folders Where CoderClaw looks for plugins, besides `plugins.load.paths`. */
export function readPluginState(config: JsonObject, home: string, folders: readonly string[]): PluginState {
  const paths = textsOf(getValue(config, ["plugins", "load", "paths"])).map((path) => agentPath(path, home));
  const candidates = [...paths, ...[...paths, ...folders].map((folder) => join(folder, PLUGIN_ID))];
  const folder = candidates.find(
    (candidate) => candidate.endsWith(PLUGIN_ID) && existsSync(join(candidate, "coderclaw.plugin.json")),
  );
  const settings = asObject(getValue(config, ["plugins"]));
  const disabledBy = pluginSwitch(settings);
  const asked = getValue(settings, ["entries", PLUGIN_ID, "config", "refreshModels"]) !== false;
  return {
    folder,
    disabledBy,
    namedBy: pluginName(settings),
    refreshesModels: folder !== undefined && disabledBy === undefined && asked,
  };
}

/** In CoderClaw's order (agent rule: `plugins/config-state.ts`). */
function pluginSwitch(settings: JsonObject): string | undefined {
  const allow = textsOf(settings["allow"]);
  if (settings["enabled"] === false) return "plugins.enabled";
  if (textsOf(settings["deny"]).includes(PLUGIN_ID)) return "plugins.deny";
  if (allow.length > 0 && !allow.includes(PLUGIN_ID)) return "plugins.allow";
  const isOff = getValue(settings, ["entries", PLUGIN_ID, "enabled"]) === false;
  return isOff ? `plugins.entries.${PLUGIN_ID}.enabled` : undefined;
}

function pluginName(settings: JsonObject): string | undefined {
  if (getValue(settings, ["entries", PLUGIN_ID]) !== undefined) return `plugins.entries.${PLUGIN_ID}`;
  const list = ["allow", "deny"].find((name) => textsOf(settings[name]).includes(PLUGIN_ID));
  return list === undefined ? undefined : `plugins.${list}`;
}

function textsOf(value: unknown): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.flatMap((item) => (typeof item === "string" && item.trim() !== "" ? [item.trim()] : []));
}
