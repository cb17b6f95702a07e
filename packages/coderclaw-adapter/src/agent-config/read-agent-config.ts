import { readBytes } from "../config-file/read-bytes.ts";
import type { ConfigFile } from "../config-file/read-config-file.ts";
import { readConfigFile } from "../config-file/read-config-file.ts";
import { resolveIncludes } from "../config-file/includes.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import type { AgentLocation } from "../agents/agent-location.ts";
import type { AuthProfileStore } from "../secrets/auth-profile-store.ts";
import { readAuthProfiles } from "../secrets/auth-profile-store.ts";
import { readVariable } from "../secrets/env-file.ts";
import { checkConfig } from "./check-config.ts";
import { missingVariables } from "./substitute.ts";

/** An agent's configuration as the agent will see it, as far as it is about models. */
export interface ReadAgentConfig {
  location: AgentLocation;
  file: ConfigFile;
  /** With every `$include` put in; `${NAME}` as it is written. */
  value: JsonObject;
  includedFiles: readonly string[];
  /** The process's variables, the agent's `.env` file and the configuration's own `env` section, in the agent's order. */
  env: Environment;
  /** The variables of the files alone: a service has them, too. */
  fileEnv: Environment;
  /** The process's variables alone: they win over those of files. */
  processEnv: Environment;
  /** Variables that the configuration names and nobody sets. */
  missingVariables: readonly string[];
  /** CoderClaw's stored keys. */
  profiles: AuthProfileStore;
}

const NO_PROFILES: AuthProfileStore = { version: 1, profiles: {}, order: {}, usageStats: {} };

/** @throws {ConfigError} when the file or something it includes is invalid. */
export async function readAgentConfig(location: AgentLocation, processEnv: Environment): Promise<ReadAgentConfig> {
  const file = await readConfigFile(location.configPath);
  const { value, files } = await resolveIncludes(file.value, location.configPath);
  const fileEnv = await readFileEnv(location, value);
  const env = { ...fileEnv, ...nonBlank(processEnv) };
  if (file.exists) checkConfig(location.agent, { text: file.text, value: file.value, path: file.path }, env);
  if (files.length > 0) checkConfig(location.agent, { text: JSON.stringify(value), value, path: file.path }, env);
  return {
    location,
    file,
    value,
    includedFiles: files,
    env,
    fileEnv,
    processEnv,
    missingVariables: missingVariables(value, env),
    profiles: location.authProfilesPath === undefined ? NO_PROFILES : await readAuthProfiles(location.authProfilesPath),
  };
}

/** Variables of this package that an agent's `.env` may set; others are only looked up for `${NAME}`. */
async function readFileEnv(location: AgentLocation, value: JsonObject): Promise<Environment> {
  const text = (await readBytes(location.envFile))?.toString() ?? "";
  const fromFile = Object.fromEntries(
    [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/gm)].map(([, name = ""]) => [
      name,
      readVariable(text, name),
    ]),
  );
  const section = getValue(value, ["env"]);
  const own = asObject(section);
  const variables = asObject(own["vars"]);
  return { ...texts(own), ...texts(variables), ...fromFile };
}

function texts(section: JsonObject): Record<string, string> {
  const entries = Object.entries(section).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].trim() !== "",
  );
  return Object.fromEntries(entries);
}

function nonBlank(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""));
}
