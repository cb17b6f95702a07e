import { VllmError } from "./vllm-error.ts";

/** A request that its caller stopped, by a signal. */
export function aborted(cause: unknown): VllmError {
  return new VllmError({
    code: "ABORTED",
    message: isTimeout(cause) ? "The caller's own time limit ended the request." : "The caller stopped the request.",
    hint: "Nothing is wrong with the server: ask again if it should not have been stopped.",
    cause,
  });
}

/** The reason is whatever the caller aborted with: looking at it may throw, and that into the signal's own code. */
function isTimeout(reason: unknown): boolean {
  try {
    return reason instanceof Error && reason.name === "TimeoutError";
  } catch {
    return false;
  }
}
