import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** CoderClaw's engine as CoderClaw pins it, and the AI SDK that the peers were measured with. */
const dependencies = {
  "@ai-sdk/openai-compatible": "3.0.92",
  "@mariozechner/pi-agent-core": "0.54.0",
  "@mariozechner/pi-ai": "0.54.0",
  ai: "7.0.173",
};

/**
 * The clients of these tests from the npm registry, once, in a folder outside the repository. `ENGINE_INSTALL_DIR` names another folder.
 *
 * @returns the folder with their `node_modules`.
 */
export async function installEngine(): Promise<string> {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies });
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 8);
  const folder = process.env["ENGINE_INSTALL_DIR"] ?? join(tmpdir(), `vllm-engine-${key}`);
  if (existsSync(join(folder, "installed"))) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), manifest);
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  await writeFile(join(folder, "installed.part"), "");
  await rename(join(folder, "installed.part"), join(folder, "installed"));
  return folder;
}
