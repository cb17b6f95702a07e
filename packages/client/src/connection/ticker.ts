interface SharedTimer {
  timer: ReturnType<typeof setInterval>;
  madeBy: typeof setInterval;
  callbacks: Set<() => void>;
}

/**
 * Calls back every so often, for all requests of a client by one timer: starting and stopping a timer for each costs a tenth of a
 * short answer.
 */
export class Ticker {
  private readonly timers = new Map<number, SharedTimer>();

  /** @returns what stops it */
  start(intervalMs: number, callback: () => void): () => void {
    const known = this.timers.get(intervalMs);
    // A test that has replaced the clock must not wait for a timer of the real one.
    const shared = known?.madeBy === setInterval ? known : this.create(intervalMs);
    shared.callbacks.add(callback);
    return () => void shared.callbacks.delete(callback);
  }

  private create(intervalMs: number): SharedTimer {
    const callbacks = new Set<() => void>();
    const timer = setInterval(() => {
      for (const callback of callbacks) callback();
      if (callbacks.size > 0) return;
      clearInterval(timer);
      if (this.timers.get(intervalMs)?.timer === timer) this.timers.delete(intervalMs);
    }, intervalMs);
    // A request that waits has a connection that keeps the process alive.
    if (typeof timer === "object" && "unref" in timer) timer.unref();
    const shared = { timer, madeBy: setInterval, callbacks };
    this.timers.set(intervalMs, shared);
    return shared;
  }
}
