import { homedir } from "node:os";
import { join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the search for a configuration reads; tests give their own. */
export interface Surroundings {
  env: Environment;
  /** Used when no variable names a home directory. */
  homeDirectory: string;
}

export function currentSurroundings(): Surroundings {
  return { env: process.env, homeDirectory: homedir() };
}

/** The agent's home: its own variable, else `HOME`, else `USERPROFILE`, else the system's word (agent rule: `home-dir.ts`). */
export function agentHome(variable: string, surroundings: Surroundings): string {
  const home = systemHome(surroundings);
  const own = setting(surroundings.env[variable]);
  return resolve(own === undefined ? home : own.replace(/^~(?=$|[\\/])/, () => home));
}

/** The user's home directory. */
export function systemHome({ env, homeDirectory }: Surroundings): string {
  return setting(env["HOME"]) ?? setting(env["USERPROFILE"]) ?? homeDirectory;
}

/** An absolute path; a leading `~` is the agent's home. */
export function agentPath(text: string, home: string): string {
  const trimmed = text.trim();
  return trimmed === "~" ? home : /^~[\\/]/.test(trimmed) ? join(home, trimmed.slice(2)) : resolve(trimmed);
}

/** A variable's value; undefined when it is unset, blank or one of the words that shells leave behind. */
export function setting(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === "" || trimmed === "undefined" || trimmed === "null" ? undefined : trimmed;
}
