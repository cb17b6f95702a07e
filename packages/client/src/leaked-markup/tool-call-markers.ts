/** What a call of a family looks like in text: the first group, or all that matches, is the marker to show. */
export interface ToolCallMarker {
  pattern: RegExp;
  /** vLLM's `--tool-call-parser` values that read it, the usual one first. */
  parsers: readonly string[];
  /** True for a format that `recover.toolCallText` does not read. */
  unread?: true;
}

/** In the order in which they are told apart. Source: vLLM 0.32.0 `vllm/tool_parsers` and `vllm/parser`. */
export const TOOL_CALL_MARKERS: readonly ToolCallMarker[] = [
  { pattern: /(\]<\]minimax\[>\[<tool_call>)/, parsers: ["minimax_m3"], unread: true },
  { pattern: /<minimax:tool_call>/, parsers: ["minimax_m2"] },
  { pattern: /<seed:tool_call>/, parsers: ["seed_oss"] },
  { pattern: /<longcat_tool_call>/, parsers: ["longcat"] },
  { pattern: /<tool_call>\s*<function=|<function=[\w.-]+>/, parsers: ["qwen3_coder"] },
  { pattern: /(<tool_call>)\s*\{/, parsers: ["hermes"] },
  { pattern: /(<tool_call>|<\|tool_call\|>)\s*\[/, parsers: ["granite"] },
  { pattern: /(<tool_call>)\s*[\w.-]+\s*(?:<arg_key>|<\/tool_call>)/, parsers: ["glm47"] },
  { pattern: /(<dots_function_call>)/, parsers: ["dots"], unread: true },
  { pattern: /<｜DSML｜ (?:calls>|invoke )/, parsers: ["deepseek_v41"] },
  { pattern: /<｜DSML｜function_calls>/, parsers: ["deepseek_v32"] },
  { pattern: /<｜DSML｜(?:tool_?calls|tool)>/, parsers: ["deepseek_v4"] },
  { pattern: /<｜DSML｜invoke /, parsers: ["deepseek_v32", "deepseek_v4"] },
  { pattern: /(<｜tool▁call▁begin｜>)\s*function<｜tool▁sep｜>/, parsers: ["deepseek_v3"] },
  { pattern: /<｜tool▁calls?▁begin｜>/, parsers: ["deepseek_v31"] },
  { pattern: /<｜tool_calls?_begin｜>/, parsers: ["step3"], unread: true },
  { pattern: /<\|tool_calls_section_begin\|>|<\|tool_call_begin\|>/, parsers: ["kimi_k2"] },
  { pattern: /\bfunctions\.[\w-]+:\d+\s*(?:<\|tool_call_argument_begin\|>|\{)/, parsers: ["kimi_k2"] },
  { pattern: /<\|open\|>tools<\|sep\|>/, parsers: ["kimi_k3"], unread: true },
  { pattern: /<invoke name=/, parsers: ["minimax_m2"] },
  { pattern: /\bto=functions\.[\w.-]+/, parsers: ["openai"] },
  { pattern: /\[TOOL_CALLS\]/, parsers: ["mistral"] },
  { pattern: /<\|python_tag\|>/, parsers: ["llama3_json"] },
  { pattern: /(<\|python_start\|>)\s*\{/, parsers: ["llama3_json", "llama4_json"] },
  { pattern: /<\|python_start\|>/, parsers: ["llama4_pythonic"] },
  { pattern: /<\|tool_call_start\|>/, parsers: ["lfm2"] },
  { pattern: /<function_calls>/, parsers: ["olmo3"] },
  { pattern: /<\|tool_call>(?:call)?:/, parsers: ["gemma4"] },
  { pattern: /^\s*call:[\w.-]+\{/, parsers: ["gemma4"], unread: true },
  { pattern: /<start_function_call>/, parsers: ["functiongemma"], unread: true },
  { pattern: /(<function_call>)\s*\{/, parsers: ["granite-20b-fc"], unread: true },
  { pattern: /(<tool_calls>)\s*\[/, parsers: ["jamba", "hunyuan_a13b"], unread: true },
  { pattern: /(<tool_calls[^<>\s]*>)\s*<tool_call/, parsers: ["hy_v3", "hy_v4"], unread: true },
  { pattern: /<ifm\|tool_calls>/, parsers: ["k2_horizon"], unread: true },
  { pattern: /<\|content_invoke_tool_json\|>/, parsers: ["inkling"], unread: true },
  { pattern: /<atem:function_calls>/, parsers: ["muse_glimmer"], unread: true },
  { pattern: /<\|action_start\|><\|plugin\|>/, parsers: ["internlm"], unread: true },
  { pattern: /<\|tools_prefix\|>/, parsers: ["apertus"], unread: true },
  { pattern: /<\|function_call\|>/, parsers: ["gigachat3"], unread: true },
  { pattern: /<function name="/, parsers: ["minicpm5"], unread: true },
  { pattern: /<\|plamo:begin_tool_requests:plamo\|>/, parsers: ["plamo3"], unread: true },
  { pattern: /<\|START_ACTION\|>/, parsers: ["cohere_command3", "cohere_command4"], unread: true },
  { pattern: /functools\[/, parsers: ["phi4_mini_json"], unread: true },
  { pattern: /^\s*(\{)\s*"type"\s*:\s*"function"\s*,\s*"name"\s*:[\s\S]*\}\s*$/, parsers: ["llama3_json"] },
  { pattern: /^\s*(\{)\s*"name"\s*:\s*"[\w.-]+"\s*,\s*"parameters"\s*:\s*\{[\s\S]*\}\s*$/, parsers: ["llama3_json"] },
  { pattern: /^\s*(\{)\s*"name"\s*:\s*"[\w.-]+"\s*,\s*"arguments"\s*:\s*\{[\s\S]*\}\s*$/, parsers: ["hermes"] },
  { pattern: /^\s*(\[)\s*[A-Za-z_][\w.]*\((?:\w+\s*=[\s\S]*)?\)\s*\]\s*$/, parsers: ["pythonic"] },
];

/**
 * The same calls behind text, where they are not read as calls: they may be an example. They are looked for in an answer that ends as a call
 * does, and what is found is advice only.
 */
export const CALLS_BEHIND_TEXT: readonly (ToolCallMarker & { ending: RegExp })[] = [
  {
    pattern: /(\[)[A-Za-z_][\w.]*\((?:\)|\w+ ?=)/,
    ending: /\) ?\]$/,
    parsers: ["pythonic", "llama4_pythonic"],
    unread: true,
  },
  {
    pattern: /(\{)\s*(?:"type"\s*:\s*"function"\s*,\s*)?"name"\s*:\s*"[\w.-]+"\s*,\s*"(?:parameters|arguments)"\s*:/,
    ending: /\}\s?\}$/,
    parsers: ["llama3_json"],
    unread: true,
  },
];
