import { displayUrl } from "@vllm/schema/core";
import type { AdapterFinding } from "./adapter-finding.ts";

/** The agent's key is not the one that its bridge was started with. */
export function bridgeKeyRefused(baseUrl: string): AdapterFinding {
  return {
    code: "KEY_MISSING",
    severity: "error",
    message: `The bridge at ${displayUrl(baseUrl)} has a key of its own, and the agent does not send it. It is what VLLM_BRIDGE_KEY, or else VLLM_API_KEY, held where the bridge was started.`,
    fix: "Store that key for the agent: npx @vllm/connect setup asks for it.",
  };
}
