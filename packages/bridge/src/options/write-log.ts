import type { BridgeLogEntry } from "./log-entry.ts";

/** Calls the caller's own function: what it throws must not end anybody's answer. */
export function writeLog(log: ((entry: BridgeLogEntry) => void) | undefined, entry: BridgeLogEntry): void {
  try {
    log?.(entry);
  } catch (error) {
    globalThis.process?.emitWarning?.(error instanceof Error ? error : new Error("The bridge's log threw."));
  }
}
