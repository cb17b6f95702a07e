import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import envPaths from "env-paths";

import { TORCH_REQUIREMENT, type VllmVersion } from "./vllm-versions.ts";

/** The package's Python sources, also the PYTHONPATH of a server. */
export const PYTHON_FOLDER = fileURLToPath(new URL("../python", import.meta.url));
export const REQUIREMENTS_FILE = join(PYTHON_FOLDER, "requirements.txt");

/** Raised when the steps of install-environment.ts change what they leave on the disk. */
const RECIPE = 1;
const PYTHON_VERSION = "3.11";

export interface LabPaths {
  cacheFolder: string;
  /** The virtual environment. Its name holds everything that decides what is in it. */
  environmentFolder: string;
  python: string;
  /** vLLM's command, a Python script. */
  vllm: string;
  /** The folder that a server runs in: models have relative names there, so that no answer holds a path of this machine. */
  servingFolder: string;
  scriptsFolder: string;
}

export function toShortHash(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 10);
}

/** Where the lab keeps what it installs: `vllm-lab` in the user's cache folder (XDG_CACHE_HOME is honoured), shared by all clones. */
export async function findLabPaths(
  vllmVersion: VllmVersion,
  cacheFolder: string = envPaths("vllm-lab", { suffix: "" }).cache,
): Promise<LabPaths> {
  const [requirements, modelMaker, loraMaker] = await Promise.all(
    [REQUIREMENTS_FILE, join(PYTHON_FOLDER, "make_model.py"), join(PYTHON_FOLDER, "make_lora.py")].map((path) =>
      readFile(path, "utf8"),
    ),
  );
  const environmentKey = toShortHash(String(RECIPE), TORCH_REQUIREMENT, requirements ?? "");
  const environmentFolder = join(
    cacheFolder,
    "environments",
    `vllm-${vllmVersion}-python-${PYTHON_VERSION}-${environmentKey}`,
  );
  return {
    cacheFolder,
    environmentFolder,
    python: join(environmentFolder, "bin", "python"),
    vllm: join(environmentFolder, "bin", "vllm"),
    scriptsFolder: join(cacheFolder, "scripts"),
    servingFolder: join(cacheFolder, "models", toShortHash(modelMaker ?? "", loraMaker ?? "")),
  };
}
