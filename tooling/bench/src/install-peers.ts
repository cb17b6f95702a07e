import { installPackages } from "@vllm-tooling/install";
import { readFileSync } from "node:fs";
import path from "node:path";

const dependencies = (
  JSON.parse(readFileSync(path.join(import.meta.dirname, "../peers/package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  }
).dependencies;

/** The peers to measure against. */
export function installPeers(): Promise<string> {
  return installPackages("bench-peers", dependencies);
}

/** Name and version of every peer that is measured, and of our client. */
export function installedVersions(folder: string): string[] {
  const versionOf = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  const own = path.join(import.meta.dirname, "../../../packages/client/package.json");
  return [
    `@vllm/client ${versionOf(own)}`,
    ...Object.keys(dependencies).map(
      (name) => `${name} ${versionOf(path.join(folder, "node_modules", name, "package.json"))}`,
    ),
  ];
}
