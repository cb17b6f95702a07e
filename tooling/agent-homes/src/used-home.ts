import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Whether a coding agent has run in a home before. */
export interface HomeKind {
  kind: string;
  used: boolean;
}

/** Every test of a home runs in both: what an agent leaves behind has broken what worked in an empty home. */
export const HOME_KINDS: readonly HomeKind[] = [
  { kind: "an empty home", used: false },
  { kind: "a home that the agent has used", used: true },
];

interface Recording {
  files: Record<string, { mode: string; text: string }>;
}

/** The folder of the installation in the recording of CoderClaw. */
const INSTALLATION = ".coderclaw/3bd4e1fb";

/**
 * Writes what a real agent left behind in an empty home (`used/<agent>.json` names the version and the commands; secrets are replaced).
 * Files that exist stay.
 */
export async function writeUsedHome(home: string, agent: "coderclaw" | "openclaw"): Promise<void> {
  const text = await readFile(new URL(`../used/${agent}.json`, import.meta.url), "utf8");
  for (const [name, file] of Object.entries((JSON.parse(text) as Recording).files)) {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const options = { flag: "wx", mode: Number.parseInt(file.mode, 8) };
    await writeFile(path, file.text.replaceAll("<home>", home), options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** Where CoderClaw has in a used home what it would have at `.coderclaw/<name>` with a configuration there from the start. */
export function toUsedPath(name: string): string {
  // these are shared between installations
  if (/^\.coderclaw\/(?:\.env|extensions|workspace)(?:\/|$)/.test(name)) return name;
  return name.replace(/^\.coderclaw(?=\/)/, INSTALLATION);
}
