import { describe, expect, test } from "vitest";
import { parseArguments } from "./tool-call.ts";

const good = { ending: "complete", isLast: true } as const;

describe("parseArguments", () => {
  test.each<[string, object]>([
    ['{"a":1}', { a: 1 }],
    [' \n{"a":1}\n', { a: 1 }],
    ["{}", {}],
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
    ["[1]", "not-an-object"],
  ])("%j is %s", (text, kind) => {
    const parsed = parseArguments(text, good);
    expect(parsed).toEqual({
      arguments: undefined,
      parseError: { kind, message: expect.stringMatching(/^The arguments .*\.$/) },
    });
  });

  test.each(["", " \n", "null", " null "])("%j stands for no arguments", (text) => {
    expect(parseArguments(text, good)).toEqual({ arguments: {}, repaired: { text: "{}", repairs: ["no-arguments"] } });
    expect(parseArguments(text, { ending: "truncated", isLast: true }).parseError?.kind).toBe("length");
  });

  test("only calls of the request's tools are repaired: of others, the server may have misread more than their end", () => {
    // vLLM 0.32 with the mistral parser and another tokenizer: a call named `[`.
    const text = '{"name": "now", "arguments": {}}]';
    expect(parseArguments(text, good).parseError?.kind).toBe("bad-json");
    expect(parseArguments(text, good, { isOfTool: true }).repaired?.repairs).toEqual(["surplus-brackets"]);
  });

  test("a raw line break does not hide that the text was cut", () => {
    expect(parseArguments('{"text": "one\ntw', good, { isOfTool: true }).parseError?.kind).toBe("cut-off");
    expect(parseArguments('{"text": "one\ntwo" oh', good, { isOfTool: true }).parseError?.kind).toBe("bad-json");
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
