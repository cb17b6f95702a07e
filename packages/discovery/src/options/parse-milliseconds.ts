import { VllmError } from "@vllm/schema/core";

/** What a timer of JavaScript takes: 24 days. */
const LONGEST = 2_147_483_647;

/**
 * An option in ms → what a timer takes.
 *
 * @throws {VllmError} `CONFIG_INVALID` when it is no number from 0
 */
export function parseMilliseconds(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && value >= 0) return Math.min(LONGEST, value);
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `${name} is ${typeof value === "number" ? value : JSON.stringify(value)}, and must be a number of milliseconds from 0.`,
    hint: `Change it, for example to ${fallback}, or leave it out.`,
  });
}
