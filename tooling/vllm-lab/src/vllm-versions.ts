/** vLLM versions that share one PyTorch, so that one list of pinned packages serves them all. */
export const VLLM_VERSIONS = ["0.32.0", "0.31.0", "0.30.0", "0.28.0"] as const;
export type VllmVersion = (typeof VLLM_VERSIONS)[number];

export const DEFAULT_VLLM_VERSION: VllmVersion = "0.32.0";

/** No local part ("+cpu"): pip prefers the CPU build where it is offered one, and otherwise takes the plain one. */
export const TORCH_REQUIREMENT = "torch==2.13.0";
