import type { VllmError } from "@vllm/schema/core";

/** A `Retry-After` above this is told to the caller instead of waited for, in ms. */
const LONGEST_WAIT_MS = 30_000;
/** Not 504, 520 or 524: the server has the request, and may still be at work on it. */
const RETRIED_STATUSES = new Set([408, 429, 502, 503]);

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
  if (error.code === "STREAM_ENDED_EARLY" || error.reason === "proxy-timeout")
    return Math.min(100 * 3 ** attempt, 1000);
  // vllm-router answers 500 when a server behind it refuses the connection; its next try goes to another one.
  const isRetried = RETRIED_STATUSES.has(error.status ?? 0) || error.reason === "upstream-unreachable";
  if (error.status === undefined || !isRetried) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs : undefined;
  return Math.min(500 * 2 ** attempt, 8000) * (0.75 + random / 4);
}

/** How long to wait before a request goes to another server, in ms: long enough for a router to take the first one out. */
export function elsewhereDelay(attempt: number, random = Math.random()): number {
  return 250 * 2 ** attempt * (0.75 + random / 4);
}
