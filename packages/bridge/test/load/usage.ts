/** What a process has used so far. */
export interface Usage {
  /** User and system, ms. */
  cpuMs: number;
  rssMiB: number;
  /** After "memory": what is left when the garbage was collected (`--expose-gc`). */
  heapMiB: number;
}

/**
 * Answers "cpu" and "memory" of the parent with what this process has used so far. Garbage is collected for "memory" only: a collection costs time,
 * and throws away compiled code.
 */
export function answerUsage(): void {
  endWithParent();
  process.on("message", (message) => {
    if (message !== "cpu" && message !== "memory") return;
    const { user, system } = process.cpuUsage();
    if (message === "memory") globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const usage: Usage = { cpuMs: (user + system) / 1000, rssMiB: rss / 1024 ** 2, heapMiB: heapUsed / 1024 ** 2 };
    process.send?.({ usage });
  });
}

/** A measurement that is killed leaves nothing behind. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit());
}
