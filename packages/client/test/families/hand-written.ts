/** Texts as models write them when they are not tidy. */
export const HAND_WRITTEN: readonly { name: string; parser: string; text: string }[] = [
  {
    name: "hermes without line breaks",
    parser: "hermes",
    text: '<tool_call>{"name":"now","arguments":{}}</tool_call>',
  },
  {
    name: "hermes, arguments first",
    parser: "hermes",
    text: '<tool_call>\n{"arguments": {"city": "Paris"}, "name": "get_weather"}\n</tool_call>',
  },
  {
    name: "hermes, text after",
    parser: "hermes",
    text: '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>\nThat is all.',
  },
  { name: "hermes, broken JSON", parser: "hermes", text: '<tool_call>\n{"name": "now", "arguments": {\n</tool_call>' },
  { name: "hermes, prose about the tag", parser: "hermes", text: "The tag <tool_call> opens a call." },
  {
    name: "qwen without closing parameter",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
  },
  {
    name: "qwen without wrapper",
    parser: "qwen3_coder",
    text: "<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>",
  },
  {
    name: "qwen on one line",
    parser: "qwen3_coder",
    text: "<tool_call><function=get_weather><parameter=city>Paris</parameter><parameter=exact>True</parameter></function></tool_call>",
  },
  {
    name: "qwen, two functions in one wrapper",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=now>\n</function>\n<function=get_weather>\n<parameter=city>Rome</parameter>\n</function>\n</tool_call>",
  },
  {
    name: "qwen, unknown parameter",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=get_weather>\n<parameter=city>Paris</parameter>\n<parameter=extra>5</parameter>\n</function>\n</tool_call>",
  },
  {
    name: "qwen, wrong types",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=get_weather>\n<parameter=days>many</parameter>\n<parameter=ratio>1e3</parameter>\n<parameter=tags>not a list</parameter>\n<parameter=exact>perhaps</parameter>\n</function>\n</tool_call>",
  },
  {
    name: "qwen, numbers with blanks and zeros",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=get_weather>\n<parameter=days> 007 </parameter>\n<parameter=ratio>2.50</parameter>\n</function>\n</tool_call>",
  },
  {
    name: "qwen, a number beyond 2^53",
    parser: "qwen3_coder",
    text: "<tool_call>\n<function=get_weather>\n<parameter=days>9007199254740993</parameter>\n</function>\n</tool_call>",
  },
  { name: "glm without arguments", parser: "glm47", text: "<tool_call>now</tool_call>" },
  {
    name: "glm, unknown name",
    parser: "glm47",
    text: "<tool_call>not_a_tool<arg_key>x</arg_key><arg_value>1</arg_value></tool_call>",
  },
  {
    name: "kimi without the end of the section",
    parser: "kimi_k2",
    text: "<|tool_calls_section_begin|><|tool_call_begin|>functions.now:3<|tool_call_argument_begin|>{}<|tool_call_end|>",
  },
  {
    name: "kimi with line breaks",
    parser: "kimi_k2",
    text: '<|tool_calls_section_begin|>\n<|tool_call_begin|>functions.get_weather:0\n<|tool_call_argument_begin|> {"city": "Paris"} <|tool_call_end|>\n<|tool_calls_section_end|>',
  },
  {
    name: "kimi without functions.",
    parser: "kimi_k2",
    text: '<|tool_calls_section_begin|><|tool_call_begin|>get_weather:0<|tool_call_argument_begin|>{"city": "Paris"}<|tool_call_end|><|tool_calls_section_end|>',
  },
  {
    name: "minimax in single quotes",
    parser: "minimax_m2",
    text: "<minimax:tool_call><invoke name='get_weather'><parameter name='city'>Paris</parameter></invoke></minimax:tool_call>",
  },
  {
    name: "minimax without quotes",
    parser: "minimax_m2",
    text: "<minimax:tool_call><invoke name=get_weather><parameter name=city>Paris</parameter></invoke></minimax:tool_call>",
  },
  {
    name: "deepseek v3.2 without the string attribute",
    parser: "deepseek_v32",
    text: '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city">Paris</｜DSML｜parameter>\n<｜DSML｜parameter name="days">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  },
  {
    name: "deepseek v4, another spelling",
    parser: "deepseek_v4",
    text: '<｜DSML｜toolcalls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
  },
  {
    name: "deepseek v4, unknown parameter",
    parser: "deepseek_v4",
    text: '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="now">\n<｜DSML｜parameter name="zone" string="true">5</｜DSML｜parameter>\n<｜DSML｜parameter name="list" string="false">[1, 2]</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
  },
  {
    name: "gemma without call",
    parser: "gemma4",
    text: '<|tool_call>:get_weather{city:<|"|>Paris<|"|>}<tool_call|>',
  },
  {
    name: "gemma, spaces and nested",
    parser: "gemma4",
    text: '<|tool_call>call:get_weather{city: <|"|>a, b: {c}<|"|>, options: {deep: {level: 3}}, tags: [<|"|>x<|"|>, <|"|>y<|"|>]}<tool_call|>',
  },
  {
    name: "granite with spaces",
    parser: "granite",
    text: '<|tool_call|> [ {"name": "now", "arguments": {}} , {"name": "get_weather", "arguments": {"city": "Paris"}} ]',
  },
  { name: "mistral without [ARGS]", parser: "mistral", text: '[TOOL_CALLS]get_weather{"city": "Paris"}' },
  { name: "mistral list of one object", parser: "mistral-list", text: '[TOOL_CALLS] {"name": "now", "arguments": {}}' },
  {
    name: "llama with arguments",
    parser: "llama3_json",
    text: '{"name": "get_weather", "arguments": {"city": "Paris"}}',
  },
  { name: "llama, an answer in JSON", parser: "llama3_json", text: '{"city": "Paris", "temperature": 18}' },
  {
    name: "pythonic with double quotes, tuple and literals",
    parser: "pythonic",
    text: '[get_weather(city="It\'s", tags=("a", "b"), exact=true, note=null, days=-2, ratio=1e-3)]',
  },
  { name: "pythonic, a list in prose", parser: "pythonic", text: "[1] is a footnote." },
  {
    name: "olmo, lines",
    parser: "olmo3",
    text: "<function_calls>\nnow()\nget_weather(city='Paris')\n</function_calls>",
  },
];
