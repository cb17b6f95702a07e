/** How models mark their thought in text. Source: `vllm/reasoning` and `vllm/parser` of vLLM 0.32.0, and the templates named. */
export interface ThoughtMarker {
  start: string;
  end: string;
  /** True when `end` also ends things that are no thought: then only `start` is a mark. */
  isCommonEnd?: true | undefined;
  /** The `--reasoning-parser`s that read it. More than one: the tool format decides. */
  parsers: readonly string[];
}

export const THOUGHT_MARKERS: readonly ThoughtMarker[] = [
  {
    start: "<think>",
    end: "</think>",
    parsers: [
      "qwen3",
      "deepseek_r1",
      "deepseek_v3",
      "deepseek_v4",
      "glm45",
      "kimi_k2",
      "minimax_m2",
      "nemotron_v3",
      "step3p5",
      "ernie45",
      "olmo3",
      "holo2",
      "ling3",
      "poolside_v1",
      "hunyuan_a13b",
      "mimo",
    ],
  },
  { start: "<seed:think>", end: "</seed:think>", parsers: ["seed_oss"] },
  { start: "<mm:think>", end: "</mm:think>", parsers: ["minimax_m3"] },
  { start: "[THINK]", end: "[/THINK]", parsers: ["mistral"] },
  { start: "<|channel>thought", end: "<channel|>", parsers: ["gemma4"] },
  { start: "<|open|>think<|sep|>", end: "<|close|>think<|sep|>", parsers: ["kimi_k3"] },
  { start: "<|START_THINKING|>", end: "<|END_THINKING|>", parsers: ["cohere_command3", "cohere_command4"] },
  { start: "<ifm|think>", end: "</ifm|think>", parsers: ["k2_horizon"] },
  { start: "<|plamo:begin_think:plamo|>", end: "<|plamo:end_think:plamo|>", parsers: ["plamo3"] },
  { start: "<|channel|>analysis<|message|>", end: "<|end|>", isCommonEnd: true, parsers: ["openai_gptoss"] },
  { start: "<|content_thinking|>", end: "<|end_message|>", isCommonEnd: true, parsers: ["inkling"] },
  { start: "to=self<|message|>", end: "<|eom|>", isCommonEnd: true, parsers: ["muse_glimmer"] },
  { start: "Here is my thought process:", end: "Here is my response:", parsers: ["granite"] },
];

/** Tags with a suffix from the tokenizer (`hy_v3`, `hy_v4`): `<think:opensource>`. */
export const SUFFIXED_THOUGHT = /<(\/?)think([:_|][^>\s]{1,40})>/g;
