export { createBridge } from "./server/create-bridge.ts";
export type { Bridge } from "./server/create-bridge.ts";
export type { BridgeKey, BridgeModelOptions, BridgeOptions } from "./options/bridge-options.ts";
export { formatLogEntry } from "./options/log-entry.ts";
export type { BridgeLogEntry } from "./options/log-entry.ts";
export type { OverflowShape, OverflowShapes } from "./options/overflow-options.ts";
