export { createBridge } from "./create-bridge.ts";
export type { Bridge } from "./create-bridge.ts";
export type { BridgeModelOptions, BridgeOptions } from "./bridge-options.ts";
export { formatLogEntry } from "./log-entry.ts";
export type { BridgeLogEntry } from "./log-entry.ts";
