import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { stopClock } from "./clock.ts";

const real = { setTimeout: globalThis.setTimeout, timeout: AbortSignal.timeout };
afterEach(() => {
  expect(vi.isFakeTimers()).toBe(false);
  expect({ setTimeout: globalThis.setTimeout, timeout: AbortSignal.timeout }).toEqual(real);
});

describe("stopClock", () => {
  test("timers, limits and clocks wait for the test, and come in order", async () => {
    using clock = stopClock();
    const log: string[] = [];
    setTimeout(() => log.push("timer"), 600_000);
    const limit = AbortSignal.timeout(700_000);
    limit.addEventListener("abort", () => log.push((limit.reason as Error).name));
    const startedAt = Date.now();
    await clock.pass(650_000);
    expect(log).toEqual(["timer"]);
    await clock.pass(100_000, 10_000);
    expect(log).toEqual(["timer", "TimeoutError"]);
    expect([clock.elapsedMs, Date.now() - startedAt]).toEqual([750_000, 750_000]);
  });

  test("passUntil ends with the promise, whichever way, and lets no more pass than it takes", async () => {
    using clock = stopClock();
    await clock.passUntil(Promise.resolve(), 10);
    expect(clock.elapsedMs).toBe(0);
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 95));
    expect(await clock.passUntil(late, 10)).toBe("late");
    expect(clock.elapsedMs).toBe(100);
    const failed = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error("failed")), 10));
    await expect(clock.passUntil(failed, 10)).rejects.toThrow("failed");
  });

  test("sockets are real: an answer comes while the clock stands", async () => {
    using clock = stopClock();
    let isAsked = false;
    const server = createServer((_request, response) => {
      isAsked = true;
      response.end("here");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const asking = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await clock.standUntil(() => isAsked);
    expect(await (await asking).text()).toBe("here");
    expect(clock.elapsedMs).toBe(0);
    server.closeAllConnections();
    server.close();
  });
});
