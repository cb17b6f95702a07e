/** What one chunk adds to an answer. */
export interface VllmDelta {
  role?: "developer" | "system" | "user" | "assistant" | "tool";
  content?: string | null;
  refusal?: string | null;
  /** The reasoning (vLLM 0.12 and later). */
  reasoning?: string | null;
  /** The reasoning, under its older name (vLLM until 0.12, LiteLLM). */
  reasoning_content?: string | null;
  tool_calls?: {
    index: number;
    id?: string;
    type?: "function";
    function?: { name?: string; arguments?: string };
  }[];
}

/** One of the answers in a chunk. */
export interface VllmChunkChoice {
  index: number;
  delta: VllmDelta;
  /** OpenAI's words. vLLM has more (`abort`, `error`, `repetition`); events tell them apart as `ending`. */
  finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "function_call" | null;
  /** The stop string or token id that ended the answer. */
  stop_reason?: string | number | null;
  logprobs?: { content: VllmTokenLogprob[] | null; refusal: VllmTokenLogprob[] | null } | null;
  /** With `return_token_ids`. */
  token_ids?: number[] | null;
}

interface VllmTokenLogprob {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs: { token: string; logprob: number; bytes: number[] | null }[];
}

/**
 * A chunk as vLLM sends it: OpenAI's `ChatCompletionChunk`, to which it can be assigned, with vLLM's fields. Source:
 * `ChatCompletionStreamResponse`, vLLM 0.32.0 `entrypoints/openai/chat_completion/protocol.py`. Nothing of it is checked.
 */
export interface VllmChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  created: number;
  model: string;
  choices: VllmChunkChoice[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    /** Only with `--enable-prompt-tokens-details`. */
    prompt_tokens_details?: { cached_tokens?: number };
    completion_tokens_details?: { reasoning_tokens?: number };
  } | null;
  system_fingerprint?: string;
  /** With `return_token_ids`, in the first chunk. */
  prompt_token_ids?: number[] | null;
  /** With `return_prompt_text`, in the first chunk. */
  prompt_text?: string | null;
  metrics?: unknown;
}
