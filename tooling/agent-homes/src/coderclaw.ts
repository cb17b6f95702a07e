/**
 * CoderClaw's rules for the parts of its configuration that this package writes, frozen as of commit 782ea2b70d
 * (`zod-schema.core.ts`, `zod-schema.agent-defaults.ts`, `zod-schema.ts`). Independent of `@vllm/schema` on purpose: two readings of one
 * rule. One unknown key breaks a user's start-up.
 */
import { z } from "zod";

const positive = z.number().positive();
const texts = z.record(z.string(), z.string());

const api = z.enum([
  "openai-completions",
  "openai-responses",
  "anthropic-messages",
  "google-generative-ai",
  "github-copilot",
  "bedrock-converse-stream",
  "ollama",
  "transformers",
]);

const compat = z
  .object({
    supportsStore: z.boolean(),
    supportsDeveloperRole: z.boolean(),
    supportsReasoningEffort: z.boolean(),
    supportsUsageInStreaming: z.boolean(),
    supportsStrictMode: z.boolean(),
    requiresToolResultName: z.boolean(),
    requiresAssistantAfterToolResult: z.boolean(),
    requiresThinkingAsText: z.boolean(),
    requiresMistralToolIds: z.boolean(),
    maxTokensField: z.enum(["max_completion_tokens", "max_tokens"]),
    thinkingFormat: z.enum(["openai", "zai", "qwen"]),
  })
  .partial()
  .strict();

const cost = z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() });

const modelFields = {
  id: z.string().min(1),
  name: z.string().min(1),
  api: api.optional(),
  headers: texts.optional(),
  compat: compat.optional(),
};

const model = z
  .object({
    ...modelFields,
    reasoning: z.boolean().optional(),
    input: z.array(z.enum(["text", "image"])).optional(),
    cost: cost.partial().strict().optional(),
    contextWindow: positive.optional(),
    maxTokens: positive.optional(),
  })
  .strict();

const providerFields = {
  baseUrl: z.string().min(1),
  apiKey: z.string().optional(),
  auth: z.enum(["api-key", "aws-sdk", "oauth", "token"]).optional(),
  api: api.optional(),
  headers: texts.optional(),
  authHeader: z.boolean().optional(),
};

const provider = z.object({ ...providerFields, models: z.array(model) }).strict();

/** What this package writes leaves nothing for the agent to invent (agent/coderclaw/entries-complete). */
export const completeCoderClawModel = z
  .object({
    ...modelFields,
    reasoning: z.boolean(),
    input: z.array(z.enum(["text", "image"])).min(1),
    cost: cost.strict(),
    contextWindow: positive.int(),
    maxTokens: positive.int(),
  })
  .strict()
  .refine((entry) => entry.maxTokens <= entry.contextWindow, "maxTokens is larger than the window");

export const coderClawProvider = provider;

export const coderClawConfig = z.looseObject({
  models: z
    .object({
      mode: z.enum(["merge", "replace"]).optional(),
      providers: z.record(z.string(), provider).optional(),
      bedrockDiscovery: z.looseObject({}).optional(),
    })
    .strict()
    .optional(),
  agents: z
    .looseObject({
      defaults: z
        .looseObject({
          model: z
            .object({ primary: z.string(), fallbacks: z.array(z.string()) })
            .partial()
            .strict()
            .optional(),
          models: z
            .record(
              z.string(),
              z
                .object({ alias: z.string(), params: z.record(z.string(), z.unknown()), streaming: z.boolean() })
                .partial()
                .strict(),
            )
            .optional(),
        })
        .optional(),
    })
    .optional(),
  auth: z
    .object({
      profiles: z
        .record(
          z.string(),
          z
            .object({ provider: z.string(), mode: z.enum(["api_key", "oauth", "token"]), email: z.string().optional() })
            .strict(),
        )
        .optional(),
      order: z.record(z.string(), z.array(z.string())).optional(),
      cooldowns: z.looseObject({}).optional(),
    })
    .strict()
    .optional(),
  plugins: z
    .object({
      enabled: z.boolean(),
      allow: z.array(z.string()),
      deny: z.array(z.string()),
      load: z.object({ paths: z.array(z.string()).optional() }).strict(),
      slots: z.object({ memory: z.string().optional() }).strict(),
      entries: z.record(
        z.string(),
        z.object({ enabled: z.boolean().optional(), config: z.record(z.string(), z.unknown()).optional() }).strict(),
      ),
      installs: z.record(z.string(), z.looseObject({})),
    })
    .partial()
    .strict()
    .optional(),
});

/** pi's own schema of `models.json` (`pi-coding-agent/core/model-registry.js`): one bad provider discards every custom model. */
export const piModelsFile = z.object({
  providers: z.record(
    z.string(),
    z.looseObject({
      baseUrl: z.string().min(1),
      apiKey: z.string().min(1),
      api: z.string().min(1),
      models: z.array(
        z.looseObject({
          id: z.string().min(1),
          name: z.string().min(1).optional(),
          reasoning: z.boolean().optional(),
          cost: cost.optional(),
          contextWindow: positive.optional(),
          maxTokens: positive.optional(),
        }),
      ),
    }),
  ),
});
