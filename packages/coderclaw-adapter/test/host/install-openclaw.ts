import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { OPENCLAW_TESTED_VERSION } from "../../src/hosts/plugin-ids.ts";

const run = promisify(execFile);

/**
 * OpenClaw from the npm registry, once, in the user's cache folder (650 MB). `OPENCLAW_INSTALL_DIR` names another folder.
 *
 * @returns the path of its command.
 */
export async function installOpenClaw(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 16))
    throw new Error(
      `OpenClaw needs Node 24.16, this is ${process.version}: run it through pnpm, which brings Node 24.`,
    );
  const folder = process.env["OPENCLAW_INSTALL_DIR"] ?? join(cacheFolder(), `openclaw-${OPENCLAW_TESTED_VERSION}`);
  const command = join(folder, "node_modules", ".bin", "openclaw");
  if (existsSync(command)) return command;
  // Under another name until it is whole: an interrupted installation is never taken for one.
  const building = `${folder}.building-${process.pid}`;
  await mkdir(building, { recursive: true });
  await writeFile(join(building, "package.json"), '{"private":true}');
  const packageName = `openclaw@${OPENCLAW_TESTED_VERSION}`;
  await run("npm", ["install", packageName, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: building });
  await rm(folder, { recursive: true, force: true });
  await rename(building, folder);
  return command;
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vllm-typescript");
}
