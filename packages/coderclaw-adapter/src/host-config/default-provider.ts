import { DEFAULTS } from "@vllm/schema/core";
import { getValue } from "../config-file/json-value.ts";
import { OPENCLAW_PROVIDER_ID, PLUGIN_ID } from "../hosts/plugin-ids.ts";
import type { ReadHostConfig } from "./read-host-config.ts";

/** The provider that is meant when none is named: our own where OpenClaw has our plugin, else `vllm`. */
export function defaultProviderId({ value, location }: Pick<ReadHostConfig, "value" | "location">): string {
  const hasPlugin = getValue(value, ["plugins", "entries", PLUGIN_ID, "enabled"]) === true;
  return location.host === "openclaw" && hasPlugin ? OPENCLAW_PROVIDER_ID : DEFAULTS.providerId;
}
