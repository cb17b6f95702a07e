import { expect, test } from "vitest";
import { TextBuilder } from "./text-builder.ts";

test("a piece costs as much at the end of a long text as at its start", () => {
  const time = (count: number) => {
    const startedAt = performance.now();
    const builder = new TextBuilder();
    for (let turn = 0; turn < count; turn += 1) builder.append("word ");
    expect(builder.toString().length).toBe(5 * count);
    return performance.now() - startedAt;
  };
  time(10_000);
  // Ten times as much; quadratic time would be a hundred times.
  expect(time(2_000_000)).toBeLessThan(40 * Math.max(time(200_000), 1));
});
