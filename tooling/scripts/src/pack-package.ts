import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import type { PublishedPackage } from "./repository.ts";
import { run } from "./run.ts";

/** What `pnpm publish` would send of a package that is built. @returns the tarball's path. */
export async function packPackage(pkg: PublishedPackage, folder: string): Promise<string> {
  const target = path.join(folder, path.basename(pkg.directory));
  mkdirSync(target);
  const packed = await run("npx", ["--yes", "pnpm@12", "pack", "--pack-destination", target], {
    directory: pkg.directory,
  });
  const file = readdirSync(target).find((name) => name.endsWith(".tgz"));
  if (packed.code !== 0 || file === undefined) throw new Error(`Cannot pack ${pkg.manifest.name}:\n${packed.output}`);
  return path.join(target, file);
}
