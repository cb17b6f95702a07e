import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TextBuilder } from "./text-builder.ts";

test("gives what was appended, however much", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), (count) => {
      const builder = new TextBuilder();
      let expected = "";
      for (let turn = 0; turn < count; turn += 1) {
        builder.append(`${turn},`);
        expected += `${turn},`;
      }
      expect(builder.toString()).toBe(expected);
      // Reading changes nothing.
      builder.append("end");
      expect(builder.toString()).toBe(`${expected}end`);
    }),
    { numRuns: 20 },
  );
});
