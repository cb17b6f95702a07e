import type { JsonSchema } from "../schemas/standard-schema.ts";

/** One constraint on the answer. Source: `StructuredOutputsParams`, vLLM 0.32.0 `sampling_params.py`; more than one kind is refused. */
export interface StructuredOutputs {
  json?: string | JsonSchema | undefined;
  regex?: string | undefined;
  choice?: string[] | undefined;
  /** A context-free grammar, in the notation of the server's backend (EBNF for xgrammar). */
  grammar?: string | undefined;
  json_object?: boolean | undefined;
  structural_tag?: string | undefined;
  disable_any_whitespace?: boolean | undefined;
  disable_additional_properties?: boolean | undefined;
  whitespace_pattern?: string | undefined;
}

/** Ends an answer that repeats itself. Source: `RepetitionDetectionParams`, vLLM 0.32.0 `sampling_params.py`. */
export interface RepetitionDetection {
  /** Longest repeated pattern to look for, in tokens. 0 switches detection off. */
  max_pattern_size?: number | undefined;
  min_pattern_size?: number | undefined;
  /** How many repetitions end the answer; at least 2. */
  min_count?: number | undefined;
}

/**
 * What vLLM's chat route takes beyond OpenAI's. Source of every field: `ChatCompletionRequest` in vLLM 0.32.0
 * `entrypoints/openai/chat_completion/protocol.py`; where that is silent, `SamplingParams` in `sampling_params.py`.
 * A field that is left out is not sent: vLLM then uses the checkpoint's `generation_config.json`.
 */
export interface VllmParams {
  /** Sample among the `k` likeliest tokens. 0 or -1: among all. */
  top_k?: number | null | undefined;
  /** Smallest probability of a token, as a part (0 to 1) of the likeliest token's. */
  min_p?: number | null | undefined;
  /** Above 1: tokens that occurred, in the prompt too, become less likely. */
  repetition_penalty?: number | null | undefined;
  /** Only with `use_beam_search`. */
  length_penalty?: number | undefined;
  use_beam_search?: boolean | undefined;
  /** Token ids that end the answer. */
  stop_token_ids?: number[] | null | undefined;
  /** True: the stop string stays in the text. */
  include_stop_str_in_output?: boolean | undefined;
  /** True: the end-of-text token does not end the answer, so it runs to `max_tokens`. For benchmarks. */
  ignore_eos?: boolean | undefined;
  /** Tokens before any end token or stop string counts. */
  min_tokens?: number | undefined;
  /** False: special tokens stay in the text. */
  skip_special_tokens?: boolean | undefined;
  spaces_between_special_tokens?: boolean | undefined;
  /** Keep this many tokens of the prompt; -1: as many as the window holds. */
  truncate_prompt_tokens?: number | null | undefined;
  /** `left` keeps the last tokens, `right` the first. */
  truncation_side?: "left" | "right" | null | undefined;
  /** Log probabilities of the prompt's tokens; refused in a stream. */
  prompt_logprobs?: number | null | undefined;
  /** Token ids whose log probability to return at each position; needs `logprobs: true`. */
  logprob_token_ids?: number[] | null | undefined;
  allowed_token_ids?: number[] | null | undefined;
  /** Texts that must not be written. */
  bad_words?: string[] | undefined;
  /** A constraint on the answer: JSON Schema, regular expression, choice or grammar. vLLM ≥ 0.12 (0.10.2 ignores it). */
  structured_outputs?: StructuredOutputs | null | undefined;
  /** A jinja template instead of the server's; needs `--trust-request-chat-template`. */
  chat_template?: string | null | undefined;
  /** Variables of the chat template, such as `enable_thinking`. `thinking` sets the right one. */
  chat_template_kwargs?: Record<string, unknown> | null | undefined;
  /** False together with `continue_final_message: true`. */
  add_generation_prompt?: boolean | undefined;
  /** The model goes on with the last message instead of beginning one. Not with `add_generation_prompt: true`. */
  continue_final_message?: boolean | undefined;
  /** True: put special tokens in front of what the template renders. */
  add_special_tokens?: boolean | undefined;
  /** Repeats the last message in front of the answer when it is an assistant's. */
  echo?: boolean | undefined;
  /** For templates that know retrieval: `{ title, text }` each. */
  documents?: Record<string, string>[] | null | undefined;
  /** Options of the media loaders, by kind: `{ video: { num_frames: 16 } }`. */
  media_io_kwargs?: Record<string, Record<string, unknown>> | null | undefined;
  /** Options of the model's own media processor. */
  mm_processor_kwargs?: Record<string, unknown> | null | undefined;
  /** Lower is served earlier. Refused unless the server runs with `--scheduling-policy priority`. */
  priority?: number | undefined;
  /** vLLM's name for this request: the answer's id is `chatcmpl-` and this. */
  request_id?: string | undefined;
  /** The conversation's stable name (0.32.0). Routers do not route by it: see `affinity`. */
  session_id?: string | null | undefined;
  /** Keeps this request's prefix cache apart from others'; 1 to 1024 characters. */
  cache_salt?: string | null | undefined;
  /** Ends the reasoning after this many tokens. Needs a reasoning parser on the server; `thinking: { budgetTokens }` keeps room for the answer. */
  thinking_token_budget?: number | null | undefined;
  /** False: the reasoning is made but not sent (0.32.0; older versions stream it all the same). */
  include_reasoning?: boolean | undefined;
  /** Effort words of the template. vLLM 0.32.0 takes these and answers 400 to others; it also sets `enable_thinking`: false for `none`, else true. */
  reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | null | undefined;
  return_tokens_as_token_ids?: boolean | null | undefined;
  /** Token ids of the prompt (first chunk) and of every delta. */
  return_token_ids?: boolean | null | undefined;
  /** The rendered prompt in the first chunk (0.32.0). */
  return_prompt_text?: boolean | null | undefined;
  /** For disaggregated serving. */
  kv_transfer_params?: Record<string, unknown> | null | undefined;
  /** For disaggregated serving of the encoder. */
  ec_transfer_params?: Record<string, unknown> | null | undefined;
  /** Parameters of the server's own extensions, such as logits processors. */
  vllm_xargs?: Record<string, string | number | (string | number)[]> | null | undefined;
  repetition_detection?: RepetitionDetection | null | undefined;
  /** Tokens in one event (0.32.0); never less than the server's `--stream-interval`. */
  stream_interval?: number | null | undefined;
}
