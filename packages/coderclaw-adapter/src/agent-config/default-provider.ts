import { DEFAULTS } from "@vllm/schema/core";
import { getValue } from "../config-file/json-value.ts";
import { OPENCLAW_PROVIDER_ID, PLUGIN_ID } from "../agents/plugin-ids.ts";
import type { ReadAgentConfig } from "./read-agent-config.ts";

/** The provider that is meant when none is named: our own where OpenClaw has our plugin, else `vllm`. */
export function defaultProviderId({ value, location }: Pick<ReadAgentConfig, "value" | "location">): string {
  const hasPlugin = getValue(value, ["plugins", "entries", PLUGIN_ID, "enabled"]) === true;
  return location.agent === "openclaw" && hasPlugin ? OPENCLAW_PROVIDER_ID : DEFAULTS.providerId;
}
