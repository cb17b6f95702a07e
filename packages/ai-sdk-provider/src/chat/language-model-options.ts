import type { SharedV4ProviderOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatParams, VllmParams } from "@vllm/client";
import { nearest } from "@vllm/schema/core";

/** Options of the request that the AI SDK has no name for. */
type OwnOption =
  | keyof VllmParams
  | "thinking"
  | "strictTools"
  | "history"
  | "affinity"
  | "logprobs"
  | "top_logprobs"
  | "logit_bias"
  | "parallel_tool_calls"
  | "user"
  | "extra_body";

/**
 * `providerOptions: { vllm: { ... } satisfies VllmLanguageModelOptions }`: vLLM's own parameters under vLLM's names, and `thinking`,
 * `strictTools`, `history` and `affinity` of `@vllm/client`. What the AI SDK has a setting for (temperature, tools, ...) is set there.
 */
export type VllmLanguageModelOptions = Pick<ChatParams, OwnOption>;

const NAMES = Object.keys({
  top_k: true,
  min_p: true,
  repetition_penalty: true,
  length_penalty: true,
  use_beam_search: true,
  stop_token_ids: true,
  include_stop_str_in_output: true,
  ignore_eos: true,
  min_tokens: true,
  skip_special_tokens: true,
  spaces_between_special_tokens: true,
  truncate_prompt_tokens: true,
  truncation_side: true,
  prompt_logprobs: true,
  logprob_token_ids: true,
  allowed_token_ids: true,
  bad_words: true,
  structured_outputs: true,
  chat_template: true,
  chat_template_kwargs: true,
  add_generation_prompt: true,
  continue_final_message: true,
  add_special_tokens: true,
  echo: true,
  documents: true,
  media_io_kwargs: true,
  mm_processor_kwargs: true,
  priority: true,
  request_id: true,
  session_id: true,
  cache_salt: true,
  thinking_token_budget: true,
  include_reasoning: true,
  reasoning_effort: true,
  return_tokens_as_token_ids: true,
  return_token_ids: true,
  return_prompt_text: true,
  kv_transfer_params: true,
  ec_transfer_params: true,
  vllm_xargs: true,
  repetition_detection: true,
  stream_interval: true,
  thinking: true,
  strictTools: true,
  history: true,
  affinity: true,
  logprobs: true,
  top_logprobs: true,
  logit_bias: true,
  parallel_tool_calls: true,
  user: true,
  extra_body: true,
} satisfies Record<keyof VllmLanguageModelOptions, true>);

/** Fields that the AI SDK has settings for. */
const SETTINGS: Readonly<Record<string, string>> = {
  model: "the model's id",
  messages: "messages or prompt",
  tools: "tools",
  tool_choice: "toolChoice",
  response_format: "output: Output.object(...)",
  max_tokens: "maxOutputTokens",
  max_completion_tokens: "maxOutputTokens",
  temperature: "temperature",
  top_p: "topP",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  stop: "stopSequences",
  seed: "seed",
  stream: "streamText or generateText",
  stream_options: "nothing: usage is always asked for",
  n: "several calls: an answer of the AI SDK has one choice",
  responseFormat: "output: Output.object(...)",
};

/** The options of one call. vLLM ignores a field that it does not know without a word, so a name that is none of its own is told. */
export function readOptions(
  given: SharedV4ProviderOptions | undefined,
  warnings: SharedV4Warning[],
): VllmLanguageModelOptions {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given?.["vllm"] ?? {})) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (setting !== undefined) {
      const details = `It is not sent from providerOptions.vllm: use ${setting}.`;
      warnings.push({ type: "unsupported", feature: `providerOptions.vllm.${name}`, details });
      continue;
    }
    if (!NAMES.includes(name)) warnings.push(unknownOption(name));
    options[name] = value;
  }
  return options;
}

function unknownOption(name: string): SharedV4Warning {
  const meant = nearest(name, NAMES);
  const advice = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return {
    type: "other",
    message: `providerOptions.vllm.${name} is not a known option. It is sent as it is; vLLM ignores fields that it does not know.${advice} Put fields of your own into extra_body.`,
  };
}
