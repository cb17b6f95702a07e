import { cp, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileError, systemCode } from "../config-file/file-error.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import type { AgentId } from "../agents/agent-location.ts";
import { VERSION } from "@vllm/schema/internal";
import { coderClawManifest, openClawManifest } from "./manifests.ts";
import {
  OPENCLAW_MIN_VERSION,
  OPENCLAW_PROVIDER_ID,
  OPENCLAW_TESTED_VERSION,
  PLUGIN_ID,
} from "../agents/plugin-ids.ts";

export interface PluginFolderRequest {
  agent: AgentId;
  /** OpenClaw: use the ids of its bundled plugin, which is then replaced. */
  takeOver: boolean;
}

/** The plugin's and the provider's id for an agent. */
export function pluginIds({ agent, takeOver }: PluginFolderRequest): { pluginId: string; providerId: string } {
  if (agent === "coderclaw") return { pluginId: PLUGIN_ID, providerId: "vllm" };
  return takeOver
    ? { pluginId: "vllm", providerId: "vllm" }
    : { pluginId: PLUGIN_ID, providerId: OPENCLAW_PROVIDER_ID };
}

/** `package.json` of the folder: what the agents look at, and nothing to install. */
function pluginPackage(request: PluginFolderRequest, version: string): JsonObject {
  const { pluginId, providerId } = pluginIds(request);
  const entry = `./${request.takeOver ? "take-over" : "index"}.js`;
  const common = { name: pluginId, version, type: "module", license: "MIT" };
  if (request.agent === "coderclaw") return { ...common, coderclaw: { extensions: [entry] } };
  return {
    ...common,
    openclaw: {
      extensions: [entry],
      providers: [providerId],
      compat: { pluginApi: `>=${OPENCLAW_MIN_VERSION}`, minGatewayVersion: OPENCLAW_MIN_VERSION },
      build: { openclawVersion: OPENCLAW_TESTED_VERSION, pluginSdkVersion: OPENCLAW_TESTED_VERSION },
    },
  };
}

/**
 * Puts the plugin into a folder of its own, complete and without dependencies. An older one there is replaced in one step.
 *
 * @param built Folder with the bundled plugin. Default: this package's own.
 * @throws {ConfigError} when this package was not built.
 */
export async function writePluginFolder(target: string, request: PluginFolderRequest, built?: string): Promise<void> {
  const source = built ?? (await builtFiles());
  // Beside the folder that holds plugins, not in it: the agent refuses its whole configuration for a plugin that is half there.
  const beside = join(dirname(dirname(target)), `.${basename(target)}.${process.pid}`);
  const [fresh, old] = [`${beside}.new`, `${beside}.old`];
  await Promise.all([fresh, old].map((path) => rm(path, { recursive: true, force: true })));
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await mkdir(fresh, { mode: 0o700 });
  try {
    await cp(source, fresh, { recursive: true, filter: (path) => !path.endsWith(".d.ts") });
    const manifest = request.agent === "coderclaw" ? coderClawManifest() : openClawManifest(pluginIds(request));
    await writeFile(join(fresh, `${request.agent}.plugin.json`), toText(manifest));
    await writeFile(join(fresh, "package.json"), toText(pluginPackage(request, VERSION)));
    await rename(target, old).catch(ignoreMissing);
    await rename(fresh, target).catch(async (error: unknown) => {
      await rename(old, target).catch(ignoreMissing);
      throw error;
    });
  } finally {
    await Promise.all([fresh, old].map((path) => rm(path, { recursive: true, force: true })));
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}

/** `dist/plugin`, seen from `dist/cli` as well as from the source. */
async function builtFiles(): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, "..", "plugin"), join(here, "..", "..", "dist", "plugin"), join(here, "plugin")];
  for (const candidate of candidates) if (await isFile(join(candidate, "take-over.js"))) return candidate;
  throw fileError({
    message: "The plugin's files are not built.",
    hint: "In the repository run `pnpm build` first.",
    received: "no dist/plugin",
    accepted: "a built package",
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function toText(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
