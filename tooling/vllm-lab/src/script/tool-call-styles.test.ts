import { describe, expect, it } from "vitest";

import { TOOL_CALL_STYLES, type ToolCallStyleName } from "./tool-call-styles.ts";

const WEATHER = { name: "get_weather", arguments: { city: "Paris", days: 2 } };
const NOW = { name: "now", arguments: {} };
const NESTED = {
  name: "search",
  arguments: { query: 'a "b" \\ 東', tags: ["x"], deep: { yes: true, none: null, n: -1.5 } },
};
const write = (style: ToolCallStyleName, ...calls: (typeof WEATHER | typeof NOW | typeof NESTED)[]) =>
  TOOL_CALL_STYLES[style].write(calls);

describe("two calls, as each model family writes them", () => {
  it.each<[ToolCallStyleName, string]>([
    [
      "hermes",
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
    ],
    [
      "qwen_xml",
      "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=now>\n</function>\n</tool_call>",
    ],
    ["llama", '{"name": "get_weather", "parameters": {"city": "Paris", "days": 2}}; {"name": "now", "parameters": {}}'],
    ["pythonic", '[get_weather(city="Paris", days=2), now()]'],
    [
      "glm",
      "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value><arg_key>days</arg_key><arg_value>2</arg_value></tool_call><tool_call>now</tool_call>",
    ],
    [
      "ds31",
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris", "days": 2}<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ],
    [
      "ds3",
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris", "days": 2}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ],
    [
      "kimi",
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Paris", "days": 2}<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>',
    ],
    [
      "mistral",
      '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}, {"name": "now", "arguments": {}}]',
    ],
    ["mistral11", '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris", "days": 2}[TOOL_CALLS]now[ARGS]{}'],
  ])("%s", (style, expected) => {
    expect(write(style, WEATHER, NOW)).toBe(expected);
  });
});

describe("awkward arguments", () => {
  it("survive JSON", () => {
    const [, written] = /arguments": (.*)\}\n/.exec(write("hermes", NESTED)) ?? [];
    expect(JSON.parse(written ?? "")).toEqual(NESTED.arguments);
  });

  it("are Python literals in a pythonic call", () => {
    expect(write("pythonic", NESTED)).toBe(
      String.raw`[search(query="a \"b\" \\ 東", tags=["x"], deep={"yes": True, "none": None, "n": -1.5})]`,
    );
  });

  it("are text where they are text, JSON where they are not", () => {
    expect(write("qwen_xml", NESTED)).toContain('<parameter=query>\na "b" \\ 東\n</parameter>');
    expect(write("qwen_xml", NESTED)).toContain(
      '<parameter=deep>\n{"yes": true, "none": null, "n": -1.5}\n</parameter>',
    );
  });
});

it("names no parser twice", () => {
  const parsers = Object.values(TOOL_CALL_STYLES).flatMap((style): readonly string[] => style.parsers);
  expect(new Set(parsers).size).toBe(parsers.length);
});
