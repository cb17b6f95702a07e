import { z } from "zod";

/** One entry of `GET /v1/models`. Loose: only fields that are read, and a router may leave out any of them. */
export const modelCardSchema = z.looseObject({
  id: z.string(),
  object: z.string().nullish(),
  created: z.number().nullish(),
  owned_by: z.string().nullish(),
  /** What the served names of one model have in common; `null` behind production-stack. */
  root: z.string().nullish(),
  /** Base model of a LoRA adapter. */
  parent: z.string().nullish(),
  /** Window in tokens; `null` for adapters, absent behind some routers. */
  max_model_len: z.number().nullish(),
  /** LiteLLM's word for the window. */
  max_input_tokens: z.number().nullish(),
  max_output_tokens: z.number().nullish(),
  /** Ray Serve LLM keeps the window here. */
  metadata: z.looseObject({ max_request_context_length: z.number().nullish() }).nullish().catch(undefined),
});

/** One entry of `GET /v1/models`. */
export type ModelCard = z.infer<typeof modelCardSchema>;

/** `GET /v1/models`. */
export const modelListSchema = z.looseObject({ object: z.string().nullish(), data: z.array(modelCardSchema) });

/** The answer of `GET /v1/models`. */
export type ModelList = z.infer<typeof modelListSchema>;

/** `GET /version`. */
export const versionSchema = z.looseObject({ version: z.string() });

/** The answer of `GET /version`. */
export type Version = z.infer<typeof versionSchema>;
