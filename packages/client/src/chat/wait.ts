import type { Lifetime } from "./lifetime.ts";

/** Until so much time has passed, or what waits is over. */
export function wait(milliseconds: number, lifetime: Lifetime): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    lifetime.onEnd(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
