// For packages of the same version; promised to nobody else.
export { probeStrictTools } from "./active/probe-strict-tools.ts";
