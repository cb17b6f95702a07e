export { createBridgeFetch } from "./create-bridge-fetch.ts";
export type { BridgeFetchOptions } from "./bridge-fetch-options.ts";
export type { BridgeModelOptions } from "../options/bridge-options.ts";
export type { BridgeLogEntry } from "../options/log-entry.ts";
