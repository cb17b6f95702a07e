/** The fields of vLLM's wire format that are read. Everything may be missing or null: routers leave out what they like. */

/** Usage of a request, as vLLM counts it. */
export interface WireUsage {
  prompt_tokens: number;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  /** Only with `--enable-prompt-tokens-details`. */
  prompt_tokens_details?: { cached_tokens?: number | null; created_cache_tokens?: number | null } | null;
  /** Only with a reasoning parser. */
  completion_tokens_details?: { reasoning_tokens?: number | null } | null;
}

export interface WireToolCall {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: { name?: string | null; arguments?: string | null } | null;
}

/** A streamed delta or a whole message: they have the same fields. */
export interface WireDelta {
  role?: string | null;
  /** Text; a list of parts from servers other than vLLM. */
  content?: string | unknown[] | null;
  /** vLLM ≥ 0.12. */
  reasoning?: string | null;
  /** vLLM ≤ 0.12 and LiteLLM; 0.12 sends both with the same text. */
  reasoning_content?: string | null;
  tool_calls?: WireToolCall[] | null;
}

export interface WireChoice {
  index?: number | null;
  delta?: WireDelta | null;
  /** In an answer that is not streamed. */
  message?: WireDelta | null;
  finish_reason?: string | null;
  stop_reason?: string | number | null;
  logprobs?: { content?: unknown[] | null } | null;
  token_ids?: number[] | null;
}

/** One event of a streamed `POST /v1/chat/completions`, or the whole answer of one that is not streamed. */
export interface WireChunk {
  id?: string | null;
  created?: number | null;
  model?: string | null;
  system_fingerprint?: string | null;
  choices?: WireChoice[] | null;
  usage?: WireUsage | null;
  prompt_token_ids?: number[] | null;
}
