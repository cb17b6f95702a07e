/** A pair of tags around reasoning. */
export interface ThinkTag {
  open: readonly string[];
  close: readonly string[];
  /** vLLM's `--reasoning-parser` values that read it, the usual one first. */
  parsers: readonly string[];
}

/** How families mark reasoning. Source: vLLM 0.32.0 `vllm/reasoning` and `vllm/parser`. */
export const THINK_TAGS: readonly ThinkTag[] = [
  { open: ["<think>"], close: ["</think>"], parsers: ["qwen3", "deepseek_r1", "glm45"] },
  { open: ["[THINK]"], close: ["[/THINK]"], parsers: ["mistral"] },
  { open: ["<seed:think>"], close: ["</seed:think>"], parsers: ["seed_oss"] },
  { open: ["<mm:think>"], close: ["</mm:think>"], parsers: ["minimax_m3"] },
  { open: ["<|channel>thought\n", "<|channel>thought"], close: ["<channel|>"], parsers: ["gemma4"] },
  { open: ["<|open|>think<|sep|>"], close: ["<|close|>think<|sep|>"], parsers: ["kimi_k3"] },
  { open: ["<|START_THINKING|>"], close: ["<|END_THINKING|>"], parsers: ["cohere_command3"] },
  { open: ["<|plamo:begin_think:plamo|>"], close: ["<|plamo:end_think:plamo|>"], parsers: ["plamo3"] },
  { open: ["<ifm|think>"], close: ["</ifm|think>"], parsers: ["k2_horizon"] },
  { open: ["<ifm|think_fast>"], close: ["</ifm|think_fast>"], parsers: ["k2_horizon"] },
  { open: ["<ifm|think_faster>"], close: ["</ifm|think_faster>"], parsers: ["k2_horizon"] },
  {
    open: ["Here is my thought process:", "Here's my thought process:"],
    close: ["Here is my response:", "Here's my response:"],
    parsers: ["granite"],
  },
];

/** The end of reasoning in gpt-oss's channels. */
export const HARMONY_REASONING_END: readonly string[] = ["<|end|>"];

/** What ends a message of gpt-oss. */
export const HARMONY_END: readonly string[] = ["<|end|>", "<|return|>", "<|call|>"];

/** Every tag that can end reasoning which the chat template opened. */
export const ANY_REASONING_END: readonly string[] = THINK_TAGS.flatMap((tag) => tag.close);
