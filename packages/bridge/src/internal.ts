/** For `@vllm/connect` of the same version: nothing in here is promised to anybody else. */
export { askBridge } from "./status/ask-bridge.ts";
export { DEFAULT_BRIDGE_PORT } from "./status/bridge-status.ts";
export type { BridgeStatus } from "./status/bridge-status.ts";
export { isLoopback } from "./server/access.ts";
export { probeBridge } from "./status/ask-bridge.ts";
