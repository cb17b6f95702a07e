import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { isObject } from "../config-file/json-value.ts";
import type { Environment } from "./agent-home.ts";

const MOST_PARENTS = 12;

/** The program's real path; undefined when `PATH` has none of that name. */
export function findOnPath(name: string, env: Environment): string | undefined {
  const names = process.platform === "win32" ? [`${name}.cmd`, `${name}.exe`, name] : [name];
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    if (directory === "") continue;
    const found = names.map((candidate) => join(directory, candidate)).find((candidate) => isFile(candidate));
    if (found !== undefined) return realpathSync(found);
  }
  return undefined;
}

/** CoderClaw's id of an installation: 8 hex digits of the SHA-256 of its package's path (agent rule: `install-id.ts`). */
export function coderClawInstallId(program: string | undefined): string | undefined {
  let directory = program === undefined ? undefined : dirname(program);
  for (let depth = 0; directory !== undefined && depth < MOST_PARENTS; depth += 1) {
    const name = packageName(join(directory, "package.json"));
    if (name === "coderclaw" || name === "@seanhogg/coderclaw") {
      return createHash("sha256").update(realpathSync(directory)).digest("hex").slice(0, 8);
    }
    directory = dirname(directory) === directory ? undefined : dirname(directory);
  }
  return undefined;
}

/** The install ids that have a folder in `directory`. */
export function listInstallIds(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{8}$/.test(entry.name))
      .map((entry) => entry.name)
      .toSorted();
  } catch {
    return [];
  }
}

function packageName(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isObject(manifest) ? manifest["name"] : undefined;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
