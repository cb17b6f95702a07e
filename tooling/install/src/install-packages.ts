import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cacheFolder } from "./cache-folder.ts";
import { exists, makeOnce } from "./make-once.ts";

/**
 * npm packages in the user's cache folder (XDG_CACHE_HOME is honoured), installed once for all clones. Other versions make another
 * folder.
 *
 * @param dependencies exact versions by name
 * @param overrides versions for what these depend on, by name
 * @returns the folder that holds their `node_modules`
 */
export async function installPackages(
  name: string,
  dependencies: Readonly<Record<string, string>>,
  overrides?: Readonly<Record<string, string>>,
): Promise<string> {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies, overrides });
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 8);
  const folder = cacheFolder(`${name}-${key}`);
  await makeOnce(folder, {
    isUsable: () => exists(join(folder, "node_modules")),
    async make(building) {
      console.error(`Installing ${name} (once) …`);
      await writeFile(join(building, "package.json"), manifest);
      await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: building });
    },
  });
  return folder;
}
