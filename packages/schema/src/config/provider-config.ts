import { z } from "zod";
import type { ModelEntry } from "./model-entry.ts";
import { apiSchema, modelEntrySchema } from "./model-entry.ts";

/** `models.providers.<id>` (agent rule: `zod-schema.core.ts`). Strict: the agent refuses to start on an unknown key. */
export const providerConfigSchema = z.strictObject({
  /** Address of the server including `/v1`. */
  baseUrl: z.string().min(1),
  /** `"${VLLM_API_KEY}"`, the name `VLLM_API_KEY`, or the key itself. */
  apiKey: z.string().optional(),
  auth: z.enum(["api-key", "aws-sdk", "oauth", "token"]).optional(),
  api: apiSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** True sends the key as `Authorization: Bearer` in addition to the protocol's own header. */
  authHeader: z.boolean().optional(),
  models: z.array(modelEntrySchema),
});

/** `models.providers.<id>` as a person wrote it: what may be left out is optional. */
export type ProviderConfigInput = z.infer<typeof providerConfigSchema>;

/** A provider whose model entries are complete. */
export interface ProviderConfig extends Omit<ProviderConfigInput, "models"> {
  models: ModelEntry[];
}
