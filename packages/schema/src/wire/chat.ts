import { z } from "zod";

/** Usage of a request. `prompt_tokens_details` only with `--enable-prompt-tokens-details`, `reasoning_tokens` only with a reasoning parser. */
export const usageSchema = z.looseObject({
  prompt_tokens: z.number(),
  total_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z
    .looseObject({ cached_tokens: z.number().nullish(), created_cache_tokens: z.number().nullish() })
    .nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
});

/** Tokens of a request. */
export type Usage = z.infer<typeof usageSchema>;

const toolCallDeltaSchema = z.looseObject({
  index: z.number(),
  id: z.string().nullish(),
  type: z.string().nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const deltaSchema = z.looseObject({
  role: z.string().nullish(),
  content: z.string().nullish(),
  /** vLLM ≥ 0.12. */
  reasoning: z.string().nullish(),
  /** vLLM ≤ 0.12 and LiteLLM; 0.12 sends both with the same text. */
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(toolCallDeltaSchema).nullish(),
});

/** One event of a streamed `POST /v1/chat/completions`. */
export const chatCompletionChunkSchema = z.looseObject({
  id: z.string(),
  model: z.string().nullish(),
  created: z.number().nullish(),
  choices: z.array(
    z.looseObject({
      index: z.number(),
      delta: deltaSchema,
      finish_reason: z.string().nullish(),
      /** A stop string, or the id of the token that stopped the answer. */
      stop_reason: z.union([z.string(), z.number()]).nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});

/** One event of a streamed answer. */
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>;

/** The answer of `POST /v1/chat/completions` with `stream: false`. */
export const chatCompletionSchema = z.looseObject({
  id: z.string(),
  model: z.string().nullish(),
  created: z.number().nullish(),
  choices: z.array(
    z.looseObject({
      index: z.number(),
      message: z.looseObject({
        role: z.string().nullish(),
        content: z.string().nullish(),
        reasoning: z.string().nullish(),
        reasoning_content: z.string().nullish(),
        tool_calls: z
          .array(
            z.looseObject({
              id: z.string().nullish(),
              type: z.string().nullish(),
              function: z.looseObject({ name: z.string(), arguments: z.string().nullish() }),
            }),
          )
          .nullish(),
      }),
      finish_reason: z.string().nullish(),
      stop_reason: z.union([z.string(), z.number()]).nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});

/** An answer of `POST /v1/chat/completions`, not streamed. */
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;
