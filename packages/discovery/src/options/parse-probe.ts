import { VllmError } from "@vllm/schema/core";

/** How much a probe asks, from little to much. */
export const PROBES = ["list", "passive", "active"] as const;
export type Probe = (typeof PROBES)[number];

/** @throws {VllmError} `CONFIG_INVALID` when it is none of {@link PROBES} */
export function parseProbe(value: Probe | undefined): Probe {
  const probe = value ?? "passive";
  if (PROBES.includes(probe)) return probe;
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `probe is ${JSON.stringify(value)}, and must be one of ${PROBES.join(", ")}.`,
    hint: "Leave it out for the default, passive, which generates nothing.",
  });
}
