import { describe, expect, test } from "vitest";
import { toTypedJson } from "./to-typed-json.ts";

const json = (text: string, schema?: Record<string, unknown>) => toTypedJson(text, schema, schema);

describe("toTypedJson", () => {
  test.each([
    ["5", { type: "string" }, '"5"'],
    ["5", { type: "integer" }, "5"],
    [" +05 ", { type: "integer" }, "5"],
    ["-0", { type: "integer" }, "-0"],
    ["5.5", { type: "integer" }, '"5.5"'],
    ["9007199254740993", { type: "integer" }, "9007199254740993"],
    ["5.50", { type: "number" }, "5.5"],
    [".5", { type: "number" }, "0.5"],
    ["1e3", { type: "number" }, "1000"],
    ["1e999", { type: "number" }, '"1e999"'],
    ["NaN", { type: "number" }, '"NaN"'],
    ["True", { type: "boolean" }, "true"],
    ["0", { type: "boolean" }, "false"],
    ["yes", { type: "boolean" }, '"yes"'],
    ["null", { type: "null" }, "null"],
    ["NULL", { type: ["string", "null"] }, "null"],
    ["null", { type: "string" }, '"null"'],
    ['{"a": 1}', { type: "object" }, '{"a": 1}'],
    ["[1]", { type: "array" }, "[1]"],
    ["[1]", { type: "string" }, '"[1]"'],
    ["{broken", { type: "object" }, '"{broken"'],
    ["5", { type: "object" }, '"5"'],
    ["5", { type: ["integer", "string"] }, "5"],
    ["five", { type: ["integer", "string"] }, '"five"'],
    ["5", { anyOf: [{ type: "string" }, { type: "number" }] }, "5"],
    ["2", { enum: [1, 2, 3] }, "2"],
    ["2", { enum: ["1", "2"] }, '"2"'],
    ["true", { const: true }, "true"],
    ["5", {}, '"5"'],
    ["5", undefined, '"5"'],
    ["", { type: "string" }, '""'],
    ['a"b\n', { type: "string" }, '"a\\"b\\n"'],
  ])("%j as %j is %s", (text, schema, expected) => {
    expect(json(text, schema)).toBe(expected);
  });

  test("follows references, and not in circles", () => {
    const root = {
      $defs: {
        Count: { type: "integer" },
        Loop: { $ref: "#/$defs/Loop" },
        Both: { anyOf: [{ $ref: "#/$defs/Both" }] },
      },
    };
    expect(toTypedJson("5", { $ref: "#/$defs/Count" }, root)).toBe("5");
    expect(toTypedJson("5", { $ref: "#/$defs/Loop" }, root)).toBe('"5"');
    expect(toTypedJson("5", { $ref: "#/$defs/Both" }, root)).toBe('"5"');
    expect(toTypedJson("5", { $ref: "#/$defs/None" }, root)).toBe('"5"');
    expect(toTypedJson("5", { $ref: "other.json" }, root)).toBe('"5"');
  });
});
