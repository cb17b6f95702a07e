import { vi } from "vitest";

/**
 * Time that stands still until the test lets it pass: a limit is then reached after its own length, however busy the machine is.
 * Timers, `performance.now`, `Date` and `AbortSignal.timeout` obey it. Sockets, processes and `node:timers/promises` stay real.
 */
export interface Clock extends Disposable {
  /** How much has passed, in ms. */
  readonly elapsedMs: number;
  /** Lets time pass, at once or in steps. Between two steps the event loop turns, and what waits on a socket comes. */
  pass(ms: number, stepMs?: number): Promise<void>;
  /** Lets time pass, step by step, until the promise is settled. @returns what it is settled with */
  passUntil<Value>(promise: Promise<Value>, stepMs: number): Promise<Value>;
  /** Waits in real time while the clock stands, for example until the server has the request. */
  standUntil(condition: () => boolean): Promise<void>;
}

const FAKED = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] as const;
const { setTimeout: realSetTimeout } = globalThis;

/** A millisecond of this process's own: one that was frozen for a second has let one pass. */
const turn = () => new Promise<void>((resolve) => void realSetTimeout(resolve, 1));

/** Stops the clock until it is disposed of. */
export function stopClock(): Clock {
  vi.useFakeTimers({ toFake: [...FAKED] });
  const { timeout } = AbortSignal;
  AbortSignal.timeout = fakeTimeout;
  const startedAt = performance.now();

  async function pass(ms: number, stepMs = ms): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await vi.advanceTimersByTimeAsync(Math.min(stepMs, left));
      await turn();
    }
  }

  return {
    get elapsedMs() {
      return performance.now() - startedAt;
    },
    pass,
    async passUntil(promise, stepMs) {
      let isSettled = false;
      const settle = () => void (isSettled = true);
      promise.then(settle, settle);
      for (await turn(); !isSettled;) await pass(stepMs);
      return promise;
    },
    async standUntil(condition) {
      while (!condition()) await turn();
    },
    [Symbol.dispose]() {
      AbortSignal.timeout = timeout;
      vi.useRealTimers();
    },
  };
}

function fakeTimeout(ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
  setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}
