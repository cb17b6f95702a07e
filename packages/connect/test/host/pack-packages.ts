import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const packages = fileURLToPath(new URL("../../../", import.meta.url));

/** What `pnpm publish` would send of the adapter and the packages it needs, which must be built. @returns the tarballs' paths. */
export async function packPackages(target: string): Promise<string[]> {
  await mkdir(target);
  for (const name of ["schema", "transport", "discovery", "client", "coderclaw-adapter", "bridge", "connect"])
    await run("npx", ["--yes", "pnpm@12", "pack", "--pack-destination", target], { cwd: join(packages, name) });
  return (await readdir(target)).map((name) => join(target, name));
}
