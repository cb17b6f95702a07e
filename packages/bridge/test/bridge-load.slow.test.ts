import { beforeAll, describe, expect, test } from "vitest";
import type { Measured } from "./load/run-load.ts";
import { runLoad } from "./load/run-load.ts";

/** `pnpm --filter @vllm/coderclaw-adapter load` measures for longer. So short a run is cold code on a busy machine: limits are wide. */
describe("200 streams at the same time", () => {
  const load = { streams: 200, tokensEach: 10, perSecond: 20, recovers: true, through: "bridge" as const, pauseMs: 0 };
  let measured: Measured;
  beforeAll(async () => {
    measured = await runLoad(load, 2);
  }, 120_000);

  test("every event arrives", () => {
    for (const { events } of measured.latency.flatMap(({ direct, through }) => [direct, through]))
      expect(events).toBe(load.streams * load.tokensEach);
  });

  test("memory stays flat", () => {
    const [first = 0, second = 0] = measured.memory.map(({ heapMiB }) => heapMiB);
    expect(second - first).toBeLessThan(2);
  });

  test("no more CPU than a few times that of our client reading the same", () => {
    const ratios = measured.cpu.map(({ between, client }) => between / client);
    expect(Math.min(...ratios)).toBeLessThan(4);
  });
});
