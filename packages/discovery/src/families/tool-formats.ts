import type { ToolCallFormat } from "@vllm/schema/core";

/** How a chat template or a model writes a call, and the parser that reads it. Source: `vllm/tool_parsers` of vLLM 0.32.0. */
export interface ToolFormat {
  /** The first is the one to name; the others read the same text. */
  parsers: readonly [string, ...string[]];
  /** Name in the profile; undefined for formats that no client of ours has to know. */
  format?: ToolCallFormat | undefined;
  /** Finds one call. `NAME` stands for the function's name. */
  call: RegExp;
  /** Finds a leaked call in an answer, whatever its name. */
  leak: RegExp;
}

/** In order: the first that matches wins, so special forms come before the general ones they resemble. */
export const TOOL_FORMATS: readonly ToolFormat[] = [
  entry(["seed_oss"], "seed-oss", String.raw`<seed:tool_call>\s*<function=NAME>`),
  entry(["minicpm5"], undefined, String.raw`<function name="NAME">`),
  entry(["qwen3_coder", "qwen3_xml", "mimo", "step3p5"], "qwen-xml", String.raw`<function=NAME>`),
  entry(["longcat"], undefined, String.raw`<longcat_tool_call>\s*\{[^]{0,200}?"NAME"`),
  entry(["minimax_m3"], "minimax-m3", String.raw`\]<\]minimax\[>\[<tool_call>\s*\]<\]minimax\[>\[<invoke name="NAME">`),
  entry(["minimax_m2"], "minimax-m2", String.raw`<minimax:tool_call>\s*<invoke name="NAME">`),
  entry(["dots"], undefined, String.raw`<dots_function_call>\s*(?:<invoke name="NAME">|\{)`),
  entry(["muse_glimmer"], undefined, String.raw`<atem:invoke name="NAME">`),
  entry(["deepseek_v41"], "deepseek-dsml", String.raw`<｜DSML｜ invoke name="NAME">`),
  entry(
    ["deepseek_v4"],
    "deepseek-dsml",
    String.raw`<｜DSML｜(?:tool_calls|toolcalls|tool)>\s*<｜DSML｜invoke name="NAME">`,
  ),
  entry(["deepseek_v32"], "deepseek-dsml", String.raw`<｜DSML｜invoke name="NAME">`),
  entry(["deepseek_v3"], "deepseek-v3", String.raw`<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME`),
  entry(["deepseek_v31"], "deepseek-v31", String.raw`<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>`),
  entry(["step3"], undefined, String.raw`<｜tool_call_begin｜>[^]{0,80}?NAME`),
  entry(["kimi_k3"], "kimi-k3", String.raw`<\|open\|>call tool="NAME"`),
  entry(["kimi_k2"], "kimi-k2", String.raw`<\|tool_call_begin\|>[^]{0,120}?<\|tool_call_argument_begin\|>`),
  entry(["k2_horizon"], undefined, String.raw`<ifm\|tool_call>\s*NAME`),
  entry(["hy_v3"], "hy", String.raw`<tool_call[:_|][^>\s]{1,40}>\s*NAME\s*<tool_sep`),
  entry(["hy_v4"], "hy", String.raw`<tool_calls:[^>\s]{1,40}>\s*<tool_call:[^>\s]{1,40}>\s*NAME`),
  entry(["glm45", "glm47"], "glm", String.raw`<tool_call>\s*NAME[^\S\n]*\n\s*<arg_key>`),
  entry(["glm47", "glm45", "ling3", "poolside_v1"], "glm", String.raw`<tool_call>\s*NAME\s*(?:<arg_key>|</tool_call>)`),
  entry(["granite"], "granite", String.raw`(?:<\|tool_call\|>|<tool_call>)\s*\[\s*\{[^]{0,200}?"NAME"`),
  entry(
    ["hermes", "qwen3_json", "granite4", "ernie45"],
    "hermes",
    String.raw`<tool_call>\s*\{(?:(?!<tool_call>)[^]){0,400}?"NAME"`,
  ),
  entry(["granite-20b-fc"], undefined, String.raw`<function_call>\s*\{[^]{0,200}?"NAME"`),
  entry(["functiongemma"], undefined, String.raw`<start_function_call>call:NAME\{`),
  entry(["gemma4"], "gemma4", String.raw`<\|tool_call>\s*(?:call)?:NAME\{`),
  entry(["apertus"], undefined, String.raw`<\|tools_prefix\|>\s*\[\s*\{\s*"NAME"`),
  entry(["cohere_command3", "cohere_command4"], undefined, String.raw`<\|START_ACTION\|>\s*\[[^]{0,200}?"NAME"`),
  entry(
    ["gigachat3"],
    undefined,
    String.raw`(?:<\|function_call\|>|function call<\|role_sep\|>)\s*\{[^]{0,200}?"NAME"`,
  ),
  entry(["plamo3"], undefined, String.raw`<\|plamo:begin_tool_request:plamo\|>[^]{0,200}?NAME`),
  entry(["inkling"], undefined, String.raw`<\|content_invoke_tool_json\|>\s*\{[^]{0,200}?"NAME"`),
  entry(["internlm"], undefined, String.raw`<\|action_start\|>\s*<\|plugin\|>\s*\{[^]{0,200}?"NAME"`),
  entry(["phi4_mini_json"], undefined, String.raw`functools\s*\[\s*\{[^]{0,200}?"NAME"`),
  entry(["openai"], "gpt-oss", String.raw`to=functions\.NAME`),
  entry(["mistral"], "mistral", String.raw`\[TOOL_CALLS\]\s*(?:NAME|\[\s*\{[^]{0,200}?"NAME")`),
  entry(["jamba"], undefined, String.raw`<tool_calls>\s*\[\s*\{[^]{0,200}?"NAME"`),
  entry(["lfm2"], undefined, String.raw`<\|tool_call_start\|>\s*\[?NAME\(`),
  entry(["olmo3"], undefined, String.raw`<function_calls>\s*NAME\(`),
  entry(["llama4_pythonic"], "pythonic", String.raw`<\|python_start\|>\s*\[?NAME\(`),
  entry(
    ["llama3_json", "llama4_json"],
    "llama-json",
    String.raw`\{\s*"(?:type": "function", ")?name":\s*"NAME",\s*"parameters":`,
  ),
  entry(["pythonic"], "pythonic", String.raw`(?:^|[\n>])[^\S\n]*\[NAME\(`),
];

function entry(parsers: ToolFormat["parsers"], format: ToolCallFormat | undefined, pattern: string): ToolFormat {
  return {
    parsers,
    format,
    call: new RegExp(pattern),
    leak: new RegExp(pattern.replaceAll("NAME", String.raw`[\w.-]{1,100}`)),
  };
}

/** How this format writes a call to `name`, a word of letters and digits. */
export function callPattern(format: ToolFormat, name: string): RegExp {
  return new RegExp(format.call.source.replaceAll("NAME", name));
}

/** The format of a call to `name` in a rendered prompt. */
export function recognizeToolFormat(text: string, name: string): ToolFormat | undefined {
  return TOOL_FORMATS.find((format) => callPattern(format, name).test(text));
}

/** The format of a raw call in a model's own answer: the marker, never the model's name, is the evidence. */
export function recognizeLeakedCall(text: string): ToolFormat | undefined {
  return TOOL_FORMATS.find(({ leak }) => leak.test(text));
}
