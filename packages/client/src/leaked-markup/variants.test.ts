import { describe, expect, test } from "vitest";
import { describePieces, readPieces } from "../../test/families/read-pieces.ts";
import { detectLeak } from "./index.ts";

const PARIS = 'get_weather {"city":"Paris"}';

/** Read as one answer, and character by character. */
function read(text: string): string[] {
  const whole = describePieces(text);
  expect(describePieces([...text])).toEqual(whole);
  return whole;
}

/** Everything stays text, and somebody is told. */
function expectLeftAlone(text: string): void {
  expect(readPieces(text)).toEqual([{ type: "text", text }]);
  expect(readPieces([...text])).toEqual([{ type: "text", text }]);
  expect(detectLeak(text).map(({ kind }) => kind)).toContain("tool-call");
}

describe("gpt-oss", () => {
  test.each([
    '<|channel|>analysis to=functions.get_weather code<|message|>{"city": "Paris"}<|call|>',
    '<|start|>assistant<|channel|>analysis to=functions.get_weather <|constrain|>code<|message|>{"city": "Paris"}',
    'analysis to=functions.get_weather code{"city": "Paris"}',
    'commentary to=functions.get_weather code {"city": "Paris"}',
    'assistantcommentary to=functions.get_weather json{"city": "Paris"}',
    'assistant to=functions.get_weathercommentary json{"city": "Paris"}',
  ])("%s", (text) => expect(read(text)).toEqual([PARIS]));

  test("behind its own words", () => {
    expect(read('We need the weather.analysis to=functions.get_weather code{"city": "Paris"}')).toEqual([
      'text "We need the weather."',
      PARIS,
    ]);
  });

  test.each([
    "analysis to=functions.get_weather code print(weather('Paris'))",
    'analysis to=functions.delete_all code{"city": "Paris"}',
    "<|channel|>analysis to=functions.get_weather code<|message|>city = 'Paris'",
  ])("%s is left alone", expectLeftAlone);
});

describe("Llama 4", () => {
  test.each([
    '<|python_start|>{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}<|python_end|>',
    '<|python_start|>{"name": "get_weather", "parameters": {"city": "Paris"}}<|python_end|>',
    '<|python_start|>\n{"name": "get_weather", "arguments": {"city": "Paris"}, "type": "function"}\n<|python_end|>',
    '<|python_tag|>{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}',
    '{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}',
  ])("%s", (text) => expect(read(text)).toEqual([PARIS]));

  test("several, and text around them", () => {
    const one = '{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}';
    expect(read(`I look.\n<|python_start|>${one}; ${one}<|python_end|>\nDone.`)).toEqual([
      'text "I look.\\n"',
      PARIS,
      PARIS,
      'text "\\nDone."',
    ]);
  });

  test.each([
    '<|python_start|>{"name": "get_weather", "parameters": {"city": "Paris"}}',
    '<|python_start|>{"name": "get_weather", "parameters": {"city": "Paris"}} or so<|python_end|>',
    '<|python_start|>{"name": "delete_all", "parameters": {}}<|python_end|>',
    "<|python_start|>get_weather(city='Paris')<|python_end|>",
    '<|python_start|>{"type": "function", "function": {"name": "get_weather"}}<|python_end|>',
  ])("%s is left alone", expectLeftAlone);
});

describe("calls without a marker behind text are advice, not calls", () => {
  test.each([
    "I'll check.\n[get_weather(city='Paris')]",
    "To find that out I call this.\n\n[now(), get_weather(city='Paris', tags=['a', 'b'])]\n",
    "Like this: [get_weather(city='Paris')]",
    'Sure!\n{"name": "get_weather", "parameters": {"city": "Paris"}}',
    'Sure!\n{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}',
  ])("%j", (text) => {
    expectLeftAlone(text);
    expect(detectLeak(text)[0]?.isRecoverable).toBe(false);
  });

  test.each([
    "See [the docs](https://example.com).",
    "Call f(x=1) [see above]",
    "[get_weather(city='Paris')] is how one calls it.",
    '{"name": "get_weather", "size": {"x": 1}}',
    "An array [1, 2, f(3)]",
  ])("%j is no call", (text) => {
    expect(readPieces(text)).toEqual([{ type: "text", text }]);
    expect(detectLeak(text)).toEqual([]);
  });
});

describe("Gemma 4", () => {
  const written = (inner: string) => `<|tool_call>call:get_weather{${inner}}<tool_call|>`;

  test.each<[string, object]>([
    ['city:"Paris"', { city: "Paris" }],
    ["city:'Paris'", { city: "Paris" }],
    ['"city": "Paris", "days": 3', { city: "Paris", days: 3 }],
    ["'city': 'Paris', 'exact': true", { city: "Paris", exact: true }],
    ['city:"Paris, France",days:2', { city: "Paris, France", days: 2 }],
    ['city:"a }{ \\"b\\" ]",unit:<|"|>celsius<|"|>', { city: 'a }{ "b" ]', unit: "celsius" }],
    ['tags:["a",\'b\',<|"|>c<|"|>],city:Paris', { tags: ["a", "b", "c"], city: "Paris" }],
    ['options:{"deep": {"level": 3}},city:<|"|>x<|"|>', { options: { deep: { level: 3 } }, city: "x" }],
    ['city:"say \\n it\'s"', { city: "say \n it's" }],
    ['note:<|"|>"quoted" text<|"|>,city:x', { note: '"quoted" text', city: "x" }],
    ["city:Paris,days:7", { city: "Paris", days: 7 }],
  ])("%s", (inner, expected) => {
    const pieces = readPieces(written(inner));
    expect(readPieces([...written(inner)])).toEqual(pieces);
    expect(pieces).toMatchObject([{ type: "toolcall", name: "get_weather", format: "gemma4" }]);
    const [piece] = pieces;
    expect(piece?.type === "toolcall" ? JSON.parse(piece.argumentsText) : undefined).toEqual(expected);
  });

  test.each([
    'city:"Paris',
    'city:"Paris" or so',
    'city:Pa"ris"',
    "city:'it's'",
    "city:it's",
    // The rest of a text without quotes looks like a key.
    "city:Paris, time: noon",
    '"city:"Paris"',
  ])("%s is left alone", (inner) => expectLeftAlone(written(inner)));
});

describe("slips in JSON", () => {
  const parts = (text: string) => {
    const pieces = readPieces(text);
    expect(readPieces([...text])).toEqual(pieces);
    return pieces;
  };

  test.each([
    '<tool_call>\n{"name": "get_weather", "arguments": {"city": "a\nb"}}\n</tool_call>',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "a\nb"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "a\nb"}<|tool_call_end|><|tool_calls_section_end|>',
    '[TOOL_CALLS]get_weather{"city": "a\nb"}',
    '<|python_tag|>{"name": "get_weather", "parameters": {"city": "a\nb"}}',
  ])("raw control characters stay for the repair of every call: %j", (text) => {
    expect(parts(text)).toMatchObject([{ type: "toolcall", argumentsText: '{"city": "a\nb"}' }]);
  });

  test.each([
    '<tool_call>\n{"name": "get_weather", "arguments": {"city": "a"}}}\n</tool_call>',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "a"}}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    '<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "a"}}<|tool_call_end|>',
  ])("so do closing brackets in front of a closing tag: %j", (text) => {
    expect(parts(text)).toMatchObject([{ type: "toolcall", argumentsText: '{"city": "a"}}' }]);
  });

  test.each([
    '<tool_call>{"name": "get_weather", "arguments": {"city": "a}}</tool_call>',
    '<tool_call>{"name": "get_weather", "arguments": {"city": "a"}</tool_call>',
    '<tool_call>{"name": "get_weather", "arguments": {"city": a}}</tool_call>',
    '<tool_call>{"name": "get_weather", "arguments": {"city": "a"}}} and so on</tool_call>',
  ])("what could mean something else is left alone: %j", expectLeftAlone);

  test("a list with raw line breaks is still a list", () => {
    const text = '<tool_call><function=get_weather><parameter=tags>["a\nb"]</parameter></function></tool_call>';
    expect(parts(text)).toMatchObject([{ type: "toolcall", argumentsText: '{"tags": ["a\nb"]}' }]);
  });
});
