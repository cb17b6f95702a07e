import { describe, expect, test } from "vitest";
import { parseArguments } from "./tool-call.ts";

const good = { ending: "complete", isLast: true } as const;

describe("parseArguments", () => {
  test.each<[string, object]>([
    ['{"a":1}', { a: 1 }],
    [' \n{"a":1}\n', { a: 1 }],
    ["{}", {}],
    ["", {}],
    [" \n", {}],
  ])("%j is good", (text, value) => {
    expect(parseArguments(text, good)).toEqual({ arguments: value });
  });

  test.each([
    ['{"a":', "cut-off"],
    ['{"city": "Par', "cut-off"],
    ['{"city": "Paris",{"city": "Paris"}', "bad-json"],
    ["{'a': 1}", "bad-json"],
    ["get_weather()", "bad-json"],
    ['{"a":1}{"a":1}', "bad-json"],
    ['"{\\"a\\":1}"', "not-an-object"],
    ["5", "not-an-object"],
    ["null", "not-an-object"],
    ["[1]", "not-an-object"],
  ])("%j is %s", (text, kind) => {
    const parsed = parseArguments(text, good);
    expect(parsed).toEqual({
      arguments: undefined,
      parseError: { kind, message: expect.stringMatching(/^The arguments .*\.$/) },
    });
  });

  test("arguments that parse are not good when the limit was reached in them", () => {
    expect(parseArguments("{}", { ending: "truncated", isLast: true }).parseError?.kind).toBe("length");
    expect(parseArguments('{"a":1', { ending: "truncated", isLast: true }).parseError?.kind).toBe("length");
    // What came after them shows that they were complete.
    expect(parseArguments("{}", { ending: "truncated", isLast: false })).toEqual({ arguments: {} });
  });

  test.each([
    ["filtered", true, "cut-off"],
    ["filtered", false, undefined],
    ["repetitive", true, "cut-off"],
    ["repetitive", false, undefined],
    ["unknown", true, "unproven"],
    ["unknown", false, "unproven"],
    ["broken", false, "cut-off"],
  ] as const)("arguments that parse, of an answer that is %s (last: %s): %s", (ending, isLast, kind) => {
    const { arguments: parsed, parseError } = parseArguments('{"a":1}', { ending, isLast });
    expect(parseError?.kind).toBe(kind);
    expect(parsed).toEqual(kind === undefined ? { a: 1 } : undefined);
    if (parseError !== undefined) expect(parseError.message).toMatch(/^[A-Z].*\.$/);
  });

  test("nothing of a broken stream is good", () => {
    expect(parseArguments('{"a":1}', { ending: "broken", isLast: true })).toEqual({
      arguments: undefined,
      parseError: { kind: "cut-off", message: expect.stringContaining("connection") },
    });
  });
});
