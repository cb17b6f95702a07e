/** Calls back every so often. */
export interface Ticker {
  /** @returns what stops it */
  start(intervalMs: number, callback: () => void): () => void;
}

/** @param isShared false where a timer belongs to the request that made it, and ends with that: Cloudflare Workers */
export function createTicker({ isShared }: { isShared: boolean }): Ticker {
  return isShared ? new SharedTicker() : { start: startOwnTimer };
}

function startOwnTimer(intervalMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, intervalMs);
  letProgramEnd(timer);
  return () => clearInterval(timer);
}

interface SharedTimer {
  timer: ReturnType<typeof setInterval>;
  madeBy: typeof setInterval;
  callbacks: Set<() => void>;
}

/** One timer for all requests of a client: starting and stopping a timer for each costs a tenth of a short answer. */
class SharedTicker implements Ticker {
  private readonly timers = new Map<number, SharedTimer>();

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
    letProgramEnd(timer);
    const shared = { timer, madeBy: setInterval, callbacks };
    this.timers.set(intervalMs, shared);
    return shared;
  }
}

/** A request that waits has a connection that keeps the process alive. */
function letProgramEnd(timer: ReturnType<typeof setInterval>): void {
  if (typeof timer === "object" && "unref" in timer) timer.unref();
}
