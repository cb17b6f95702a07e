import { exists, makeOnce } from "@vllm-tooling/install";

import { installEnvironment } from "./install-environment.ts";
import { installModels } from "./install-models.ts";
import { isLabSupported } from "./is-lab-supported.ts";
import { LabError } from "./lab-error.ts";
import { findLabPaths, type LabPaths } from "./lab-paths.ts";
import { DEFAULT_VLLM_VERSION, type VllmVersion } from "./vllm-versions.ts";

export interface LabProgress {
  /** What is being done: "install torch==2.13.0". */
  step: string;
  /** The last line that pip wrote, where it runs. */
  detail?: string | undefined;
}

export interface EnsureLabInstalledOptions {
  vllmVersion?: VllmVersion | undefined;
  onProgress?: ((progress: LabProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Installs vLLM and makes the models where they are missing (some two minutes, 2.4 GB); otherwise returns within
 * milliseconds. Safe to call from several processes at once. Throws a `LabError` when the machine cannot run the lab or
 * a step fails; what is half made is never used.
 */
export async function ensureLabInstalled(options: EnsureLabInstalledOptions = {}): Promise<LabPaths> {
  const { vllmVersion = DEFAULT_VLLM_VERSION, onProgress, signal } = options;
  const paths = await findLabPaths(vllmVersion);
  let step = "";
  const onStep = (label: string) => onProgress?.({ step: (step = label) });
  const shared = { onWait: () => onStep("wait for another process that is setting up the lab"), signal };

  if (!(await exists(paths.python))) {
    const support = await isLabSupported(vllmVersion);
    if (!support.supported) throw new LabError(support.reason, support.hint);
    const { basePython } = support;
    const onLine = (detail: string) => onProgress?.({ step, detail });
    await makeOnce(paths.environmentFolder, {
      isUsable: () => exists(paths.python),
      make: (folder) => installEnvironment({ basePython, folder, vllmVersion, onStep, onLine, signal }),
      ...shared,
    });
  }
  await makeOnce(paths.servingFolder, {
    isUsable: exists,
    make: (folder) => {
      onStep("make the models");
      return installModels(paths.python, folder, signal);
    },
    ...shared,
  });
  return paths;
}
