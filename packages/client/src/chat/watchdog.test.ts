import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTicker } from "../connection/ticker.ts";
import { Watchdog, type Activity, type WatchdogOptions } from "./watchdog.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(options: Partial<WatchdogOptions> = {}) {
  const activity: Activity = { sawBytes: false, hasFirstToken: false };
  const calls: [string, number?][] = [];
  const watchdog = new Watchdog({
    activity,
    ticker: createTicker({ isShared: true }),
    firstTokenMs: 8000,
    idleMs: 800,
    onFirstTokenTimeout: (waited) => calls.push(["first", waited]),
    onIdleTimeout: (waited) => calls.push(["idle", waited]),
    isForgotten: () => false,
    onForgotten: () => calls.push(["forgotten"]),
    ...options,
  });
  return { activity, calls, watchdog };
}

describe("Watchdog", () => {
  test("comments before the first token do not count as one", () => {
    const { activity, calls } = start();
    for (let turn = 0; turn < 90; turn += 1) {
      activity.sawBytes = true;
      vi.advanceTimersByTime(100);
    }
    expect(calls).toEqual([["first", 8000]]);
  });

  test("silence counts from the last byte, and a long silence before the first token is none", () => {
    const { activity, calls } = start();
    vi.advanceTimersByTime(5000);
    activity.hasFirstToken = true;
    activity.sawBytes = true;
    vi.advanceTimersByTime(700);
    activity.sawBytes = true;
    vi.advanceTimersByTime(800);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(calls).toEqual([["idle", 800]]);
    vi.advanceTimersByTime(60_000);
    expect(calls).toHaveLength(1);
  });

  test("each silence of 30 s is reported once, and none while the reader wants nothing", () => {
    let silences = 0;
    const { activity, watchdog } = start({ firstTokenMs: false, idleMs: false, onSilence: () => (silences += 1) });
    vi.advanceTimersByTime(29_000);
    expect([silences, watchdog.isSilent]).toEqual([0, false]);
    vi.advanceTimersByTime(120_000);
    expect([silences, watchdog.isSilent]).toEqual([1, true]);
    activity.sawBytes = true;
    vi.advanceTimersByTime(5000);
    expect(watchdog.isSilent).toBe(false);
    vi.advanceTimersByTime(35_000);
    expect(silences).toBe(2);
    watchdog.isPaused = true;
    vi.advanceTimersByTime(90_000);
    expect(silences).toBe(2);
  });

  test("a reader that wants nothing is not a server that says nothing", () => {
    const { activity, calls, watchdog } = start();
    activity.hasFirstToken = true;
    watchdog.isPaused = true;
    vi.advanceTimersByTime(60_000);
    expect(calls).toEqual([]);
    watchdog.isPaused = false;
    vi.advanceTimersByTime(1000);
    expect(calls).toEqual([["idle", 800]]);
  });

  test("limits can be turned off, one or both", () => {
    const { activity, calls } = start({ idleMs: false });
    activity.hasFirstToken = true;
    vi.advanceTimersByTime(10 * 3600_000);
    expect(calls).toEqual([]);
    const unlimited = start({ idleMs: false, firstTokenMs: false });
    vi.advanceTimersByTime(10 * 3600_000);
    expect(unlimited.calls).toEqual([]);
  });

  test("notices that nobody is there any more, without any limit too", () => {
    let isForgotten = false;
    const { calls } = start({ idleMs: false, firstTokenMs: false, isForgotten: () => isForgotten });
    vi.advanceTimersByTime(20_000);
    isForgotten = true;
    vi.advanceTimersByTime(20_000);
    expect(calls).toEqual([["forgotten"]]);
  });

  test("stops", () => {
    const { calls, watchdog } = start();
    watchdog.stop();
    vi.advanceTimersByTime(60_000);
    expect(calls).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Ticker", () => {
  test("has one timer for all who want the same interval", () => {
    const ticker = createTicker({ isShared: true });
    const seen: string[] = [];
    const stopOne = ticker.start(100, () => seen.push("one"));
    ticker.start(100, () => seen.push("other"));
    ticker.start(250, () => seen.push("slow"));
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(100);
    stopOne();
    vi.advanceTimersByTime(150);
    expect(seen).toEqual(["one", "other", "other", "slow"]);
  });

  test("its timer goes away when nobody has used it for a while, and comes back", () => {
    const ticker = createTicker({ isShared: true });
    let calls = 0;
    const count = () => void (calls += 1);
    ticker.start(100, count)();
    ticker.start(100, count)();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
    ticker.start(100, count);
    vi.advanceTimersByTime(100);
    expect(calls).toBe(1);
  });

  test("not shared, each has a timer of its own, and takes it along", () => {
    const ticker = createTicker({ isShared: false });
    let calls = 0;
    const stops = [1, 2].map(() => ticker.start(100, () => void (calls += 1)));
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(100);
    expect(calls).toBe(2);
    for (const stop of stops) stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not wait for a clock that was replaced", () => {
    vi.useRealTimers();
    const ticker = createTicker({ isShared: true });
    const stop = ticker.start(100, () => {});
    vi.useFakeTimers();
    let calls = 0;
    ticker.start(100, () => void (calls += 1));
    vi.advanceTimersByTime(100);
    expect(calls).toBe(1);
    stop();
  });
});
