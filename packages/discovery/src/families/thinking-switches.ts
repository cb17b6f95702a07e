/** A key in `chat_template_kwargs` that switches thinking. Each is in a real template; the probe finds which one a model has. */
export interface ThinkingSwitch {
  key: string;
  on: unknown;
  off: unknown;
}

export const THINKING_SWITCHES: readonly ThinkingSwitch[] = [
  // Qwen3 and later, GLM, Nemotron 3, Gemma 4, SmolLM3, Laguna, LFM2.5, MiMo
  { key: "enable_thinking", on: true, off: false },
  // DeepSeek V3.1 and later, Kimi K2.5 and later, Granite 3.2 and 3.3, Holo2
  { key: "thinking", on: true, off: false },
  // MiniMax M3
  { key: "thinking_mode", on: "enabled", off: "disabled" },
  // Ling 3
  { key: "thinking_option", on: "on", off: "off" },
  // Cohere
  { key: "reasoning", on: true, off: false },
];

/** Keys that say how deeply to think: gpt-oss, DeepSeek V4, Mistral, Hy3 and others; Kimi K3; Muse Glimmer. */
export const EFFORT_KEYS = ["reasoning_effort", "thinking_effort", "reasoning_strength"] as const;

export const EFFORT_WORDS = ["none", "no_think", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

/** Words that mean: do not think. */
export const NO_EFFORT_WORDS: readonly string[] = ["none", "no_think"];

/** A number of tokens for the thought, told to the model in the prompt: Seed-OSS. */
export const BUDGET_KEY = "thinking_budget";

/** What makes templates keep earlier thoughts: Qwen3.6 and later, LFM2.5, Laguna; GLM 4.7 and later; LFM2.5 Instruct; Nemotron 3; DeepSeek V4; Hy3. */
export const KEEP_THOUGHTS: readonly Readonly<Record<string, unknown>>[] = [
  { preserve_thinking: true },
  { clear_thinking: false },
  { keep_past_thinking: true },
  { truncate_history_thinking: false },
  { drop_thinking: false },
  { preserved_thinking: true },
];
