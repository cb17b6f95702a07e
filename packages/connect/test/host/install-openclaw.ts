import { join } from "node:path";
import { installPackages } from "@vllm-tooling/install";
import { OPENCLAW_TESTED_VERSION } from "@vllm/coderclaw-adapter/internal";

/**
 * OpenClaw from the npm registry (650 MB).
 *
 * @returns the path of its command.
 */
export async function installOpenClaw(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 16))
    throw new Error(
      `OpenClaw needs Node 24.16, this is ${process.version}: run it through pnpm, which brings Node 24.`,
    );
  const folder = await installPackages("openclaw", { openclaw: OPENCLAW_TESTED_VERSION });
  return join(folder, "node_modules", ".bin", "openclaw");
}
