import { modelProfileSchema } from "@vllm/schema";
import { findSlowText } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { recognizeLeakedCall, recognizeToolFormat, TOOL_FORMATS } from "./tool-formats.ts";

// As the parsers of vLLM 0.32.0 expect a call (docs and sources of `vllm/tool_parsers`), and as models write it into an answer that no parser read.
const CALLS: readonly [parser: string, text: string][] = [
  ["hermes", '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'],
  [
    "qwen3_coder",
    "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>",
  ],
  ["qwen3_coder", "<function=get_weather>\n<parameter=city>\nParis"],
  [
    "seed_oss",
    "<seed:tool_call>\n<function=get_weather>\n<parameter=city>Paris</parameter>\n</function>\n</seed:tool_call>",
  ],
  ["glm45", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n</tool_call>"],
  ["glm47", "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value></tool_call>"],
  [
    "deepseek_v3",
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜>',
  ],
  [
    "deepseek_v31",
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜>',
  ],
  [
    "deepseek_v32",
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>',
  ],
  ["deepseek_v4", '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">'],
  ["deepseek_v41", '<｜DSML｜ calls><｜DSML｜ invoke name="get_weather">'],
  [
    "kimi_k2",
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Paris"}<|tool_call_end|>',
  ],
  ["kimi_k3", '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|>'],
  [
    "minimax_m2",
    '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n</invoke>',
  ],
  ["minimax_m3", ']<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name="get_weather">'],
  ["mistral", '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}}]'],
  ["mistral", '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'],
  ["llama3_json", '{"name": "get_weather", "parameters": {"city": "Paris"}}'],
  ["pythonic", "\n[get_weather(city='Paris')]"],
  ["llama4_pythonic", "<|python_start|>[get_weather(city='Paris')]<|python_end|>"],
  ["olmo3", "<function_calls>get_weather(city='Paris')</function_calls>"],
  ["lfm2", "<|tool_call_start|>[get_weather(city='Paris')]<|tool_call_end|>"],
  ["gemma4", '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|>'],
  ["functiongemma", "<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>"],
  ["granite", '<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Paris"}}]'],
  ["granite-20b-fc", '<function_call> {"name": "get_weather", "arguments": {"city": "Paris"}}'],
  ["jamba", '<tool_calls>[\n  {"name": "get_weather", "arguments": {"city": "Paris"}}\n]</tool_calls>'],
  ["internlm", '<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": {"city": "Paris"}}<|action_end|>'],
  ["phi4_mini_json", 'functools[{"name": "get_weather", "arguments": {"city": "Paris"}}]'],
  ["openai", '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Paris"}<|call|>'],
  ["longcat", '<longcat_tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</longcat_tool_call>'],
  ["apertus", '<|tools_prefix|>[{"get_weather": {"city": "Paris"}}]<|tools_suffix|>'],
  ["gigachat3", 'function call<|role_sep|>\n{"name": "get_weather", "arguments": {"city": "Paris"}}'],
  ["minicpm5", '<function name="get_weather"><param name="city">Paris</param></function>'],
  [
    "plamo3",
    "<|plamo:begin_tool_requests:plamo|><|plamo:begin_tool_request:plamo|><|plamo:begin_tool_name:plamo|>get_weather",
  ],
  [
    "cohere_command3",
    '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Paris"}}]<|END_ACTION|>',
  ],
  ["muse_glimmer", '<atem:function_calls><atem:invoke name="get_weather">'],
  ["inkling", '<|content_invoke_tool_json|>{"name": "get_weather", "args": {"city": "Paris"}}<|end_message|>'],
  ["k2_horizon", "<ifm|tool_calls><ifm|tool_call>get_weather<ifm|arg_key>city"],
  ["hy_v3", "<tool_calls:opensource><tool_call:opensource>get_weather<tool_sep:opensource><arg_key:opensource>city"],
  ["hy_v4", "<tool_calls:opensource><tool_call:opensource>get_weather<arg_key:opensource>city"],
  ["dots", '<dots_function_call>\n<invoke name="get_weather">'],
  ["step3", '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="get_weather">'],
];

describe("tool formats", () => {
  test.each(CALLS)("%s: %j", (parser, text) => {
    expect(recognizeToolFormat(text, "get_weather")?.parsers[0]).toBe(parser);
    expect(recognizeLeakedCall(`I look it up.\n${text}`)?.parsers[0]).toBe(parser);
  });

  test("every format that a profile can name is in the table, and can be kept", () => {
    const named = new Set(TOOL_FORMATS.flatMap(({ format }) => format ?? []));
    const { value } = modelProfileSchema.shape.toolFormat.unwrap().shape;
    expect([...named].toSorted()).toEqual(value.options.toSorted());
  });

  test("every format of the table has a case", () => {
    const tested = new Set(CALLS.map(([parser]) => parser));
    expect(TOOL_FORMATS.map((format) => format.parsers[0]).filter((parser) => !tested.has(parser))).toEqual([]);
  });

  test.each([
    "A plain answer.",
    'Use {"name": "x"} in your JSON.',
    "Call f(x) and then [1, 2].",
    "I would write <tool_call> here, but I don't.",
    "A list: [foo, bar(1)]",
    "",
  ])("%j is no call", (text) => {
    expect(recognizeLeakedCall(text)).toBeUndefined();
  });
});

test("no format takes more than linear time to find", () => {
  expect(TOOL_FORMATS.map(({ leak }) => leak).filter((pattern) => findSlowText(pattern) !== undefined)).toEqual([]);
});
