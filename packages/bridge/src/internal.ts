/** For `@vllm/connect` of the same version: nothing in here is promised to anybody else. */
export { askBridge } from "./ask-bridge.ts";
export { DEFAULT_BRIDGE_PORT } from "./bridge-status.ts";
export type { BridgeStatus } from "./bridge-status.ts";
export { isLoopback } from "./host-access.ts";
export { lookForBridge } from "./ask-bridge.ts";
