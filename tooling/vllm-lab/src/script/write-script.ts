import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { toShortHash } from "../lab-paths.ts";
import type { ScriptRule } from "./to-script.ts";

/** Writes a script where python/scripted.py can read it, under a name made of its content: equal ones share a file, and none is ever changed. */
export async function writeScript(folder: string, script: readonly ScriptRule[]): Promise<string> {
  const text = JSON.stringify(script);
  const path = join(folder, `${toShortHash(text)}.json`);
  const unfinished = `${path}.${randomUUID().slice(0, 8)}`;
  await mkdir(folder, { recursive: true });
  await writeFile(unfinished, text);
  await rename(unfinished, path);
  return path;
}
