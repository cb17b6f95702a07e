import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const repositoryRoot = path.resolve(import.meta.dirname, "../../..");

interface PackageManifest {
  name: string;
  version: string;
  private?: boolean;
  exports: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface PublishedPackage {
  directory: string;
  manifest: PackageManifest;
}

/** The packages people install: every folder of `packages/`. */
export function publishedPackages(root: string = repositoryRoot): PublishedPackage[] {
  const folder = path.join(root, "packages");
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const directory = path.join(folder, name);
      return {
        directory,
        manifest: JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as PackageManifest,
      };
    });
}
