import { setTimeout as realWait } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("in the ordinary suite, a real limit is twenty times as long, and what is no limit is not", async () => {
  let isOver = false;
  const timer = setTimeout(() => void (isOver = true), 5000) as NodeJS.Timeout & { _idleTimeout?: number };
  expect(timer._idleTimeout).toBe(100_000);
  clearTimeout(timer);
  const short = setTimeout(() => void (isOver = true), 20) as NodeJS.Timeout & { _idleTimeout?: number };
  expect(short._idleTimeout).toBe(20);
  await expect.poll(() => isOver).toBe(true);
  expect(await promisify(setTimeout)(1, "value")).toBe("value");
  const limit = AbortSignal.timeout(5);
  await realWait(20);
  await expect.poll(() => limit.aborted).toBe(true);
  expect((limit.reason as Error).name).toBe("TimeoutError");
});
