import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import { execFileSync } from "node:child_process";
import envPaths from "env-paths";

/** Installs the peers once into the user's cache folder; a change of their versions makes a new folder. */
export function installPeers(): string {
  const manifest = readFileSync(path.join(import.meta.dirname, "../peers/package.json"), "utf8");
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const folder = path.join(envPaths("vllm-typescript", { suffix: "" }).cache, `bench-peers-${key}`);
  if (existsSync(path.join(folder, "installed"))) return folder;
  console.error("Installing the peers to measure against (once) …");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), manifest);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  writeFileSync(path.join(folder, "installed.part"), "");
  renameSync(path.join(folder, "installed.part"), path.join(folder, "installed"));
  return folder;
}

/** Name and version of every peer that is measured, and of our client. */
export function installedVersions(folder: string): string[] {
  const versionOf = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const own = path.join(import.meta.dirname, "../../../packages/client/package.json");
  return [
    `@vllm/client ${versionOf(own)}`,
    ...Object.keys(dependencies).map(
      (name) => `${name} ${versionOf(path.join(folder, "node_modules", name, "package.json"))}`,
    ),
  ];
}
