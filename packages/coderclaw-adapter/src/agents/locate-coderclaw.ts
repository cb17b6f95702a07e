import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import { coderClawInstallId, findOnPath, listInstallIds } from "./find-on-path.ts";
import type { Surroundings } from "./agent-home.ts";
import { agentHome, agentPath, setting } from "./agent-home.ts";
import type { AgentLocation } from "./agent-location.ts";

const FILE_NAME = "coderclaw.json";

/**
 * The file that CoderClaw opens (agent/coderclaw/config-location).
 *
 * @throws {ConfigError} when several installations have a configuration each, and nothing says which is meant.
 */
export function locateCoderClaw(surroundings: Surroundings, explicitPath?: string): AgentLocation {
  const { env } = surroundings;
  const home = agentHome("CODERCLAW_HOME", surroundings);
  const flatDir = join(home, ".coderclaw");
  const flatPath = join(flatDir, FILE_NAME);
  const state = findStateDir(surroundings, home, flatDir);
  const installed = listInstallIds(flatDir)
    .map((id) => join(flatDir, id, FILE_NAME))
    .filter((path) => existsSync(path));
  const chosen = choosePath({ surroundings, home, flatPath, installed, state, explicitPath });
  const stateVariable = setting(env["CODERCLAW_STATE_DIR"]);
  // Plugins and `.env` never live in an installation's own folder (agent rule: `utils.ts`, resolveConfigDir).
  const sharedDir = stateVariable === undefined ? flatDir : agentPath(stateVariable, home);
  const agentVariable = setting(env["CODERCLAW_AGENT_DIR"]) ?? setting(env["PI_CODING_AGENT_DIR"]);
  const agentDir =
    agentVariable === undefined ? join(state.dir, "agents", "main", "agent") : agentPath(agentVariable, home);
  const oauthVariable = setting(env["CODERCLAW_OAUTH_DIR"]);
  const oauthDir = oauthVariable === undefined ? join(state.dir, "credentials") : agentPath(oauthVariable, home);
  return {
    agent: "coderclaw",
    configPath: chosen.path,
    exists: existsSync(chosen.path),
    reason: chosen.reason,
    others: [flatPath, ...installed].filter((path) => path !== chosen.path && existsSync(path)),
    stateDir: state.dir,
    envFile: join(sharedDir, ".env"),
    authProfilesPath: join(agentDir, "auth-profiles.json"),
    oauthPath: join(oauthDir, "oauth.json"),
    pluginsDir: join(sharedDir, "extensions"),
  };
}

interface Found {
  path: string;
  reason: string;
}

function choosePath(search: {
  surroundings: Surroundings;
  home: string;
  flatPath: string;
  installed: readonly string[];
  state: { dir: string; reason: string };
  explicitPath: string | undefined;
}): Found {
  const { surroundings, home, flatPath, installed, state, explicitPath } = search;
  const { env } = surroundings;
  if (explicitPath !== undefined) return { path: agentPath(explicitPath, home), reason: "--config names it" };
  const configVariable = setting(env["CODERCLAW_CONFIG_PATH"]);
  if (configVariable !== undefined)
    return { path: agentPath(configVariable, home), reason: "CODERCLAW_CONFIG_PATH names it" };
  const stateVariable = setting(env["CODERCLAW_STATE_DIR"]);
  if (stateVariable !== undefined) {
    const path = join(agentPath(stateVariable, home), FILE_NAME);
    if (existsSync(path)) return { path, reason: "it is in CODERCLAW_STATE_DIR" };
  }
  if (existsSync(flatPath)) {
    const why = stateVariable === undefined ? "" : "; CODERCLAW_STATE_DIR holds none";
    return { path: flatPath, reason: `the agent opens it whenever it exists${why}` };
  }
  const statePath = join(state.dir, FILE_NAME);
  if (stateVariable !== undefined || existsSync(statePath) || installed.length === 0)
    return { path: statePath, reason: state.reason };
  if (installed.length === 1) {
    return { path: installed[0] as string, reason: "it is the only installation's configuration here" };
  }
  throw new ConfigError({
    message: `Several CoderClaw installations have a configuration, and nothing says which one is meant: ${installed.join(", ")}.`,
    hint: "Name one: --config <path>, or CODERCLAW_CONFIG_PATH=<path>.",
    issues: [
      {
        path: "",
        received: `${installed.length} configurations`,
        accepted: "one, or one that is named",
        fix: `Add --config ${installed[0]} (or another of them).`,
      },
    ],
  });
}

function findStateDir(surroundings: Surroundings, home: string, flatDir: string): { dir: string; reason: string } {
  const { env } = surroundings;
  const stateVariable = setting(env["CODERCLAW_STATE_DIR"]);
  if (stateVariable !== undefined)
    return { dir: agentPath(stateVariable, home), reason: "CODERCLAW_STATE_DIR names the folder" };
  const profile = setting(env["CODERCLAW_PROFILE"]);
  if (profile !== undefined && profile.toLowerCase() !== "default")
    return { dir: join(home, `.coderclaw-${profile}`), reason: `the profile is "${profile}"` };
  const ids = listInstallIds(flatDir);
  const ownId = coderClawInstallId(findOnPath("coderclaw", env));
  const hasFlat = existsSync(join(flatDir, FILE_NAME));
  const id = ownId ?? (ids.length === 1 ? ids[0] : undefined);
  if (id === undefined || (hasFlat && !ids.includes(id)))
    return { dir: flatDir, reason: "it is the default; the agent opens it whenever it exists" };
  const why = ownId === undefined ? "the only installation here" : "the coderclaw on PATH";
  return { dir: join(flatDir, id), reason: `it belongs to ${why} (id ${id})` };
}
