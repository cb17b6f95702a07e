export { ensureLabInstalled, type EnsureLabInstalledOptions, type LabProgress } from "./ensure-lab-installed.ts";
export { findFreePort } from "./find-free-port.ts";
export { isLabSupported, type LabSupport } from "./is-lab-supported.ts";
export type { ModelName } from "./install-models.ts";
export { LabError } from "./lab-error.ts";
export { listScriptNames, SERVED_MODEL_NAME } from "./lab-defaults.ts";
export { startLab, type Lab, type LabProcess, type StartLabOptions } from "./start-lab.ts";
export { DEFAULT_VLLM_VERSION, VLLM_VERSIONS, type VllmVersion } from "./vllm-versions.ts";
