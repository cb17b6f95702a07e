/**
 * OpenClaw's rules for the parts of its configuration that this package writes, frozen as of 2026.9.6
 * (`zod-schema.core`, `zod-schema.agent-defaults`). Strict where the agent is.
 */
import { z } from "zod";

const secret = z.union([z.string(), z.object({ source: z.string(), provider: z.string(), id: z.string() }).strict()]);

const compat = z
  .object({
    supportsStore: z.boolean(),
    supportsDeveloperRole: z.boolean(),
    supportsReasoningEffort: z.boolean(),
    supportsUsageInStreaming: z.boolean(),
    supportsStrictMode: z.boolean(),
    supportsTools: z.boolean(),
    maxTokensField: z.enum(["max_completion_tokens", "max_tokens"]),
    thinkingFormat: z.enum(["openai", "openrouter", "together", "deepseek", "zai", "qwen", "qwen-chat-template"]),
    supportedReasoningEfforts: z.array(z.string().min(1)),
  })
  .partial()
  .strict();

export const openClawModel = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    reasoning: z.boolean(),
    input: z.array(z.enum(["text", "image", "video", "audio"])).min(1),
    cost: z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() }).strict(),
    contextWindow: z.number().int().positive(),
    contextTokens: z.number().int().positive(),
    maxTokens: z.number().int().positive(),
    params: z.record(z.string(), z.unknown()).optional(),
    compat: compat.optional(),
  })
  .strict();

export const openClawConfig = z.looseObject({
  models: z
    .object({
      mode: z.enum(["merge", "replace"]).optional(),
      providers: z
        .record(
          z.string(),
          z
            .object({
              baseUrl: z.string(),
              apiKey: secret.optional(),
              api: z.string().optional(),
              timeoutSeconds: z.number().int().positive().optional(),
              headers: z.record(z.string(), secret).optional(),
              models: z.array(z.looseObject({ id: z.string().min(1), name: z.string().min(1) })),
            })
            .strict(),
        )
        .optional(),
      catalogRefresh: z.looseObject({}).optional(),
    })
    .strict()
    .optional(),
  agents: z
    .looseObject({
      defaults: z
        .looseObject({
          model: z
            .union([
              z.string(),
              z
                .object({ primary: z.string(), fallbacks: z.array(z.string()) })
                .partial()
                .strict(),
            ])
            .optional(),
          models: z.record(z.string(), z.looseObject({})).optional(),
          modelPolicy: z
            .object({ allow: z.array(z.string()).optional() })
            .strict()
            .optional(),
        })
        .optional(),
    })
    .optional(),
  plugins: z.looseObject({}).optional(),
});
