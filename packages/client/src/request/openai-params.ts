import type { JsonSchema } from "../schemas/standard-schema.ts";

/** A function that the model may call, as OpenAI and vLLM describe one. */
export interface FunctionTool {
  type: "function";
  function: {
    /** Letters, digits, `_` and `-`: other characters break some tool parsers. */
    name: string;
    /** What the tool does and when to call it, for the model. */
    description?: string | undefined;
    /** JSON Schema of the arguments, an object. */
    parameters?: JsonSchema | undefined;
    /** True: vLLM holds calls to the name and the schema. See `strictTools`. */
    strict?: boolean | null | undefined;
  };
}

/** Whether the model may call tools, must, or must call a certain one. */
export type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { type: "function"; function: { name: string } }
  | { type: "custom"; custom: { name: string } }
  | {
      type: "allowed_tools";
      allowed_tools: { mode: "auto" | "required"; tools: { [key: string]: unknown }[] };
    };

/** `stream_options` with vLLM's extra. */
export interface StreamOptions {
  /** Usage at the end. The client asks for it unless this is false. */
  include_usage?: boolean | undefined;
  include_obfuscation?: boolean | undefined;
  /** `usage` in every event. Does nothing without `include_usage`. */
  continuous_usage_stats?: boolean | undefined;
}

/** `response_format` as vLLM takes it: OpenAI's forms and `structural_tag`. */
export type ResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | {
      type: "json_schema";
      json_schema: {
        name: string;
        description?: string | undefined;
        schema?: JsonSchema | undefined;
        strict?: boolean | null | undefined;
      };
    }
  | { type: "structural_tag"; [key: string]: unknown };

/**
 * OpenAI's parameters that vLLM's chat route takes. Source: `ChatCompletionRequest` in vLLM 0.32.0
 * `entrypoints/openai/chat_completion/protocol.py`. Those that vLLM drops without a word (`store`, `metadata`, `service_tier`, …) are
 * not here; `extra_body` sends them.
 */
export interface OpenAIParams {
  frequency_penalty?: number | null | undefined;
  /** Token id → what is added to its logit, -100 to 100. */
  logit_bias?: Record<string, number> | null | undefined;
  logprobs?: boolean | null | undefined;
  max_completion_tokens?: number | null | undefined;
  /** Most tokens of the answer, reasoning included. Default: what the window has left. */
  max_tokens?: number | null | undefined;
  /** How many answers; default 1. */
  n?: number | null | undefined;
  parallel_tool_calls?: boolean | null | undefined;
  presence_penalty?: number | null | undefined;
  response_format?: ResponseFormat | null | undefined;
  seed?: number | null | undefined;
  stop?: string | string[] | null | undefined;
  /** False: one JSON answer instead of a stream. Default true. */
  stream?: boolean | null | undefined;
  stream_options?: StreamOptions | null | undefined;
  temperature?: number | null | undefined;
  tool_choice?: ToolChoice | null | undefined;
  top_logprobs?: number | null | undefined;
  top_p?: number | null | undefined;
  user?: string | null | undefined;
}
