import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findOnPath } from "@vllm/coderclaw-adapter/internal";
import type { Agent } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import type { Environment } from "./environment.ts";

export interface InstalledAgent {
  agent: Agent;
  /** Path of its program. */
  program: string;
  /** Of its npm package; undefined when it was installed in another way. */
  version: string | undefined;
}

export function findAgent(agent: Agent, env: Environment): InstalledAgent | undefined {
  const program = findOnPath(agent.program, env);
  return program === undefined ? undefined : { agent, program, version: readVersion(program, agent.packageName) };
}

export function listInstalledAgents(env: Environment): InstalledAgent[] {
  return AGENTS.map((agent) => findAgent(agent, env)).filter((found) => found !== undefined);
}

export function installCommand({ packageName }: Agent): string {
  return `npm install -g ${packageName}`;
}

const MOST_PARENTS = 8;

function readVersion(program: string, packageName: string): string | undefined {
  let folder = dirname(program);
  for (let depth = 0; depth < MOST_PARENTS; depth += 1) {
    const { name, version } = readManifest(join(folder, "package.json"));
    if (name === packageName) return typeof version === "string" ? version : undefined;
    // A platform's own package stands beside the one that was installed.
    const beside = readManifest(join(folder, "node_modules", packageName, "package.json"));
    if (typeof beside.version === "string") return beside.version;
    folder = dirname(folder);
  }
  return undefined;
}

function readManifest(path: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: unknown; version?: unknown };
  } catch {
    return {};
  }
}
