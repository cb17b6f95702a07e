import { z } from "zod";

/** Protocols an agent can speak to a provider (agent rule: `zod-schema.core.ts`). vLLM is spoken to as `openai-completions`. */
export const apiSchema = z.enum([
  "openai-completions",
  "openai-responses",
  "anthropic-messages",
  "google-generative-ai",
  "github-copilot",
  "bedrock-converse-stream",
  "ollama",
  "transformers",
]);

/** Price per million tokens. 0 for a model on one's own GPU. */
export const costSchema = z.strictObject({
  input: z.number().optional(),
  output: z.number().optional(),
  cacheRead: z.number().optional(),
  cacheWrite: z.number().optional(),
});

/** How the agent must bend its requests for a model. Only the keys that CoderClaw accepts: one more breaks its start-up. */
export const compatSchema = z.strictObject({
  supportsStore: z.boolean().optional(),
  supportsDeveloperRole: z.boolean().optional(),
  supportsReasoningEffort: z.boolean().optional(),
  supportsUsageInStreaming: z.boolean().optional(),
  supportsStrictMode: z.boolean().optional(),
  requiresToolResultName: z.boolean().optional(),
  requiresAssistantAfterToolResult: z.boolean().optional(),
  requiresThinkingAsText: z.boolean().optional(),
  requiresMistralToolIds: z.boolean().optional(),
  maxTokensField: z.enum(["max_completion_tokens", "max_tokens"]).optional(),
  thinkingFormat: z.enum(["openai", "zai", "qwen"]).optional(),
});

/** One entry of `models.providers.<id>.models` as a person writes it: only `id` and `name` are required. */
export const modelEntrySchema = z.strictObject({
  /** As `/v1/models` spells it. */
  id: z.string().min(1),
  name: z.string().min(1),
  api: apiSchema.optional(),
  reasoning: z.boolean().optional(),
  input: z.array(z.enum(["text", "image"])).optional(),
  cost: costSchema.optional(),
  /** Prompt plus output, in tokens. */
  contextWindow: z.number().positive().optional(),
  /** Limit of one answer, in tokens. */
  maxTokens: z.number().positive().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  compat: compatSchema.optional(),
});

/** An entry of `models.providers.<id>.models` as a person wrote it: what may be left out is optional. */
export type ModelEntryInput = z.infer<typeof modelEntrySchema>;

/** The keys of {@link compatSchema}. */
export type ModelCompat = z.infer<typeof compatSchema>;

/** A complete entry, as these packages write it: nothing is left for the agent to invent. */
export interface ModelEntry {
  id: string;
  name: string;
  reasoning: boolean;
  input: ("text" | "image")[];
  cost: { input: number; output: number; cacheRead: number; cacheWrite: number };
  /** Tokens, a positive integer. */
  contextWindow: number;
  /** Tokens, a positive integer, at most {@link contextWindow}. */
  maxTokens: number;
  compat?: ModelCompat | undefined;
  headers?: Record<string, string> | undefined;
}
