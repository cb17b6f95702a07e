import { expect, test } from "vitest";
import { ToolError } from "../tool.ts";
import { calculator } from "./calculator.ts";

const context = { signal: new AbortController().signal, maxChars: 1000 };

test.each([
  ["deep brackets", "(".repeat(400) + "1" + ")".repeat(400)],
  ["many signs", "-".repeat(999) + "1"],
  ["nested powers", `${"2^".repeat(400)}2`],
  ["a long text", `1${"+1".repeat(600)}`],
  ["a huge power", "9999999 ^ 99999999"],
  ["a power of a huge power", "(9^999)^(9^999)"],
])("stays quick on %s", (_name, expression) => {
  const { user } = process.cpuUsage();
  expect(() => calculator.run({ expression }, context)).toThrow(ToolError);
  expect(process.cpuUsage().user - user).toBeLessThan(200_000);
});
