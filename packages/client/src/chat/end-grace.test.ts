import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTicker } from "../connection/ticker.ts";
import { EndGrace } from "./end-grace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create() {
  const seen = { isFinished: true, hasFinalUsage: false, expired: 0 };
  const grace = new EndGrace({
    progress: seen,
    ticker: createTicker({ isShared: true }),
    onExpired: () => (seen.expired += 1),
  });
  return { seen, grace };
}

test("ends the wait after five seconds, once, whatever comes meanwhile", () => {
  const { seen, grace } = create();
  vi.advanceTimersByTime(60_000);
  grace.onRead();
  vi.advanceTimersByTime(4900);
  grace.onRead();
  expect(seen.expired).toBe(0);
  vi.advanceTimersByTime(100);
  expect(seen.expired).toBe(1);
  grace.onRead();
  vi.advanceTimersByTime(60_000);
  expect(seen.expired).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("once the usage is there, [DONE] gets one second", () => {
  const { seen, grace } = create();
  grace.onRead();
  vi.advanceTimersByTime(3000);
  seen.hasFinalUsage = true;
  vi.advanceTimersByTime(900);
  expect(seen.expired).toBe(0);
  vi.advanceTimersByTime(100);
  expect(seen.expired).toBe(1);
});

test("but never more than what is left of the five seconds", () => {
  const { seen, grace } = create();
  grace.onRead();
  vi.advanceTimersByTime(4800);
  seen.hasFinalUsage = true;
  vi.advanceTimersByTime(200);
  expect(seen.expired).toBe(1);
});

test("time in which the reader wants nothing does not count", () => {
  const { seen, grace } = create();
  grace.onRead();
  vi.advanceTimersByTime(3000);
  grace.isPaused = true;
  vi.advanceTimersByTime(3_600_000);
  expect(seen.expired).toBe(0);
  grace.isPaused = false;
  vi.advanceTimersByTime(1900);
  expect(seen.expired).toBe(0);
  vi.advanceTimersByTime(100);
  expect(seen.expired).toBe(1);
});

test("an answer that is not finished is not ended, nor one that goes on", () => {
  const { seen, grace } = create();
  seen.isFinished = false;
  grace.onRead();
  expect(vi.getTimerCount()).toBe(0);
  seen.isFinished = true;
  grace.onRead();
  vi.advanceTimersByTime(4000);
  seen.isFinished = false;
  grace.onRead();
  vi.advanceTimersByTime(60_000);
  expect(seen.expired).toBe(0);
  seen.isFinished = true;
  grace.onRead();
  vi.advanceTimersByTime(4900);
  expect(seen.expired).toBe(0);
  vi.advanceTimersByTime(100);
  expect(seen.expired).toBe(1);
});

test("stops, and does not start again", () => {
  const { seen, grace } = create();
  grace.onRead();
  grace.stop();
  grace.onRead();
  vi.advanceTimersByTime(60_000);
  expect(seen.expired).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
