import type { VllmError } from "@vllm/schema/core";

/** A `Retry-After` above this is told to the caller instead of waited for, in ms. */
const LONGEST_WAIT_MS = 30_000;
const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504]);

/**
 * How long to wait before the same request is sent again, in ms; undefined: not at all.
 *
 * @param attempt number of retries so far
 * @param random between 0 and 1, so that many clients do not come back at the same moment
 */
export function retryDelay(
  error: VllmError,
  attempt: number,
  maxRetries: number,
  random = Math.random(),
): number | undefined {
  if (attempt >= maxRetries) return undefined;
  if (error.code === "SERVER_UNREACHABLE") {
    // Nobody listens: people want to know that at once, and a server that restarts needs longer than any retry.
    return error.reason === "refused" || error.reason === "reset" ? Math.min(100 * 3 ** attempt, 1000) : undefined;
  }
  if (error.code === "STREAM_ENDED_EARLY") return Math.min(100 * 3 ** attempt, 1000);
  if (error.status === undefined || !(RETRIED_STATUSES.has(error.status) || isRouterFailure(error))) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs : undefined;
  return Math.min(500 * 2 ** attempt, 8000) * (0.75 + random / 4);
}

/** vllm-router answers 500 when a server behind it refuses the connection; its next try goes to another one. */
function isRouterFailure(error: VllmError): boolean {
  return error.status === 500 && error.message.includes("could not reach a vLLM server behind it");
}

/** gpt-oss: vLLM's harmony parser stumbles over a slip of the model. The same request succeeds when it is sent again. */
export function isHarmonySlip(error: VllmError): boolean {
  return error.code === "SERVER_ERROR" && error.message.includes("harmony");
}
