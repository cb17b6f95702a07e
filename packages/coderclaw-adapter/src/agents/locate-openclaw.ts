import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Surroundings } from "./agent-home.ts";
import { agentHome, agentPath, setting } from "./agent-home.ts";
import type { AgentLocation } from "./agent-location.ts";

const FILE_NAMES = ["openclaw.json", "clawdbot.json"] as const;

/** The file that OpenClaw 2026.9 opens (agent rule: `config/paths.ts`, `state-dir.ts`). */
export function locateOpenClaw(surroundings: Surroundings, explicitPath?: string): AgentLocation {
  const { env } = surroundings;
  const home = agentHome("OPENCLAW_HOME", surroundings);
  const defaultDirs = [join(home, ".openclaw"), join(home, ".clawdbot")];
  const stateVariable = setting(env["OPENCLAW_STATE_DIR"]);
  const ownDir = stateVariable === undefined ? undefined : agentPath(stateVariable, home);
  const stateDir = ownDir ?? defaultDirs.find((directory) => existsSync(directory)) ?? (defaultDirs[0] as string);
  const candidates = [...(ownDir === undefined ? [] : [ownDir]), ...defaultDirs].flatMap((directory) =>
    FILE_NAMES.map((name) => join(directory, name)),
  );
  const existing = candidates.filter((path) => existsSync(path));
  const chosen = choosePath({ surroundings, home, explicitPath, existing, ownDir, stateDir });
  return {
    agent: "openclaw",
    configPath: chosen.path,
    exists: existsSync(chosen.path),
    reason: chosen.reason,
    others: existing.filter((path) => path !== chosen.path),
    stateDir,
    envFile: join(stateDir, ".env"),
    pluginsDir: join(stateDir, "extensions"),
    readOnly: readOnlyReason(surroundings),
  };
}

function choosePath(search: {
  surroundings: Surroundings;
  home: string;
  explicitPath: string | undefined;
  existing: readonly string[];
  ownDir: string | undefined;
  stateDir: string;
}): { path: string; reason: string } {
  const { surroundings, home, explicitPath, existing, ownDir, stateDir } = search;
  if (explicitPath !== undefined) return { path: agentPath(explicitPath, home), reason: "--config names it" };
  const configVariable = setting(surroundings.env["OPENCLAW_CONFIG_PATH"]);
  if (configVariable !== undefined)
    return { path: agentPath(configVariable, home), reason: "OPENCLAW_CONFIG_PATH names it" };
  // The agent itself looks no further than the state directory once that one is named.
  const own = ownDir === undefined ? existing[0] : existing.find((path) => path.startsWith(join(ownDir, "")));
  if (own !== undefined)
    return { path: own, reason: ownDir === undefined ? "it is the first that exists" : "it is in OPENCLAW_STATE_DIR" };
  return {
    path: join(stateDir, FILE_NAMES[0]),
    reason: ownDir === undefined ? "it is the default" : "OPENCLAW_STATE_DIR names the folder",
  };
}

function readOnlyReason({ env }: Surroundings): string | undefined {
  if (env["OPENCLAW_NIX_MODE"] === "1") return "OPENCLAW_NIX_MODE=1: the configuration is managed by Nix";
  if (env["OPENCLAW_CONFIG_READONLY"] === "1") return "OPENCLAW_CONFIG_READONLY=1 is set";
  return undefined;
}
