import { z } from "zod";

/** `POST /tokenize`. Answers without a key, and does not limit the prompt. */
export const tokenizeResponseSchema = z.looseObject({
  count: z.number(),
  max_model_len: z.number().nullish(),
  tokens: z.array(z.number()).nullish(),
  token_strs: z.array(z.string()).nullish(),
});

/** The answer of `POST /tokenize`. */
export type TokenizeResponse = z.infer<typeof tokenizeResponseSchema>;

/** `POST /detokenize`. */
export const detokenizeResponseSchema = z.looseObject({ prompt: z.string() });

/** The answer of `POST /detokenize`. */
export type DetokenizeResponse = z.infer<typeof detokenizeResponseSchema>;
