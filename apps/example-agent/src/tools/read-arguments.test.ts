import { describe, expect, test } from "vitest";
import { readArguments } from "./read-arguments.ts";
import type { Tool } from "./tool.ts";

const tool: Tool = {
  name: "read_file",
  description: "",
  parameters: {
    path: { type: "string", description: "" },
    start_line: { type: "integer", description: "", isOptional: true },
  },
  run: () => "",
};
const takes = "read_file takes {path, start_line?}.";

describe("readArguments", () => {
  test.each([
    [{ path: "a" }, { path: "a" }],
    [
      { path: "a", start_line: 12 },
      { path: "a", start_line: "12" },
    ],
    [
      { path: "a", start_line: "12" },
      { path: "a", start_line: "12" },
    ],
    [{ path: 391 }, { path: "391" }],
    [{ path: "a", start_line: null }, { path: "a" }],
  ])("%j is taken", (given, values) => {
    expect(readArguments(tool, given)).toEqual(values);
  });

  test.each([
    [{}, `"path" is missing. ${takes}`],
    [{ path: null }, `"path" is missing. ${takes}`],
    [{ path: ["a"] }, `"path" must be a string. ${takes}`],
    [{ path: "a", start_line: "-1" }, `"start_line" must be a positive integer. ${takes}`],
    [{ path: "a", start_line: 1.5 }, `"start_line" must be a positive integer. ${takes}`],
    [{ path: "a", start_line: {} }, `"start_line" must be an integer. ${takes}`],
    [{ file: "a" }, `"path" is missing. Unknown argument "file". ${takes}`],
    ["a", `The arguments must be a JSON object. ${takes}`],
    [["a"], `The arguments must be a JSON object. ${takes}`],
    [null, `The arguments must be a JSON object. ${takes}`],
    [undefined, `The arguments must be a JSON object. ${takes}`],
    [JSON.parse('{"__proto__": {"path": "a"}}'), `"path" is missing. Unknown argument "__proto__". ${takes}`],
  ])("%j is refused: %s", (given, message) => {
    expect(() => readArguments(tool, given)).toThrow(message);
  });
});
