import * as fc from "fast-check";
import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { repairArguments } from "./repair-arguments.ts";

const parsed = (text: string): unknown => {
  const repaired = repairArguments(text);
  return repaired === undefined ? undefined : JSON.parse(repaired.text);
};

describe("what has one reading", () => {
  test.each<[string, unknown, string[]]>([
    ['{"a": "x\ny"}', { a: "x\ny" }, ["control-characters"]],
    ['{"a": "\t\r\u0000\u001f"}', { a: "\t\r\u0000\u001f" }, ["control-characters"]],
    ['{"a\nb": 1}', { "a\nb": 1 }, ["control-characters"]],
    ['{\n\t"a": "x\n\\n\\"y\\\\"\n}', { a: 'x\n\n"y\\' }, ["control-characters"]],
    ['{"a": 1}}', { a: 1 }, ["surplus-brackets"]],
    ['{"a": [1]}]}\n } ]', { a: [1] }, ["surplus-brackets"]],
    ["{}}", {}, ["surplus-brackets"]],
    // As vLLM 0.32 with the hermes parser streams it.
    [
      '{"path": "a.sh", "text": "one\ntwo\t"}}',
      { path: "a.sh", text: "one\ntwo\t" },
      ["control-characters", "surplus-brackets"],
    ],
    ["null", {}, ["no-arguments"]],
    ["", {}, ["no-arguments"]],
  ])("%j", (text, value, repairs) => {
    expect(parsed(text)).toEqual(value);
    expect(repairArguments(text)?.repairs).toEqual(repairs);
  });
});

describe("what could mean something else, or nothing", () => {
  test.each([
    // Quotes or brackets that are missing could stand in more than one place.
    '{"a": "x}',
    '{"a": x}',
    '{a: "x"}',
    '"a": "x"}',
    '{"a": "x\n, "b": "y"}',
    '{"a": {"b": 1}',
    "{'a': 1}",
    '{"a": 1,}',
    '{"a": 1 "b": 2}',
    // What follows is not only brackets.
    '{"a": 1}{"a": 1}',
    '{"a": 1}} and so on',
    '{"a": 1}}{',
    '{"a": 1}}</tool_call>',
    // No JSON escape.
    '{"a": "x\\\ny"}',
    '{"a": "\\x"}',
    // Control characters outside of strings.
    '{"a":\u0000 1}',
    "nul",
    "nullnull",
    "null}",
    "[]]",
    "[1]",
    '"x"',
    "5",
    "]",
  ])("%j stays broken", (text) => expect(repairArguments(text)).toBeUndefined());
});

const VALUE = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { minKeys: 1 });
/** JSON with its control characters as they are, as a model writes them. */
const toRaw = (value: unknown) =>
  JSON.stringify(value).replace(/\\(?:([nrtbf])|u00([01][\da-f])|[^])/g, (whole, letter?: string, code?: string) => {
    if (letter === undefined && code === undefined) return whole;
    return JSON.parse(`"${whole}"`) as string;
  });

test("any object with raw control characters and surplus brackets is that object", () => {
  const surplus = fc.string({ unit: fc.constantFrom("}", "]", " ", "\n"), maxLength: 4 });
  fc.assert(
    fc.property(VALUE, surplus, (value, closing) => {
      expect(parsed(toRaw(value) + closing)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("a text that was cut is never repaired", () => {
  fc.assert(
    fc.property(VALUE, fc.nat(), (value, at) => {
      const text = toRaw(value);
      expect(repairArguments(text.slice(0, 1 + (at % (text.length - 1))))).toBeUndefined();
    }),
  );
});

test.each(["\n", '"\n', "}", '{"a":', "\\", '\\"', "]} ", '\n",'])("%j again and again costs linear time", (atom) => {
  expect(growthOf((text) => repairArguments(`{"a": "${text}`), atom)).toBeLessThan(8);
  expect(growthOf((text) => repairArguments(`{"a": 1}${text}`), atom)).toBeLessThan(8);
});
