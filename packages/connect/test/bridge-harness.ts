import { createBridgeHarness } from "@vllm-tooling/fake-vllm/bridge-harness";
import { createBridge, type Bridge, type BridgeLogEntry, type BridgeOptions } from "@vllm/bridge";

export * from "@vllm-tooling/fake-vllm/bridge-harness";

export const { setUp, startBridge, tearDown } = createBridgeHarness<BridgeOptions, Bridge, BridgeLogEntry>(
  createBridge,
);
