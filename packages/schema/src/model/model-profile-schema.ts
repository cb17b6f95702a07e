import { z } from "zod";
import type { FactSource, InputKind, ModelProfile, ToolCallFormat } from "./model-profile.ts";

const SOURCES = ["user", "server", "gateway", "learned", "probed", "assumed"] as const satisfies FactSource[];
const INPUT_KINDS = ["text", "image", "audio", "video"] as const satisfies InputKind[];
const TOOL_FORMATS = [
  "hermes",
  "qwen-xml",
  "llama-json",
  "pythonic",
  "mistral",
  "deepseek-v3",
  "deepseek-v31",
  "deepseek-dsml",
  "glm",
  "kimi-k2",
  "minimax-m2",
  "granite",
  "gemma4",
  "gpt-oss",
  "seed-oss",
  "kimi-k3",
  "minimax-m3",
  "hy",
] as const satisfies ToolCallFormat[];

function factOf<Value extends z.ZodType>(value: Value) {
  return z.object({ value, source: z.enum(SOURCES), evidence: z.string() });
}

const kwargsSchema = z.record(z.string(), z.unknown());
const statusSchema = z.enum(["yes", "no", "unknown"]);
const messageRuleSchema = z.enum(["kept", "rejected", "dropped", "unknown"]);

const thinkingRequestSchema = z.object({
  chat_template_kwargs: kwargsSchema.optional(),
  reasoning_effort: z.string().optional(),
});

const thinkingControlSchema = z.object({
  default: z.enum(["on", "off", "unknown"]),
  on: thinkingRequestSchema.optional(),
  off: thinkingRequestSchema.optional(),
  efforts: z.record(z.string(), thinkingRequestSchema).optional(),
  tokenBudget: z.boolean().optional(),
  budgetKwarg: z.string().optional(),
});

const historyRulesSchema = z.object({
  firstSystem: messageRuleSchema.optional(),
  laterSystem: messageRuleSchema,
  secondSystem: messageRuleSchema,
  developerRole: messageRuleSchema,
  consecutiveUser: messageRuleSchema,
  toolCallIds: z.enum(["any", "mistral", "kimi-k2"]),
  reasoningReplay: z.enum(["none", "current-turn", "all-turns", "unknown"]),
  keepReasoningKwargs: kwargsSchema.optional(),
});

/** A {@link ModelProfile} that was kept as JSON: a file, a cache, a config. Keys of a later version are left out. */
export const modelProfileSchema = z.object({
  id: z.string().min(1),
  root: z.string().optional(),
  parent: z.string().optional(),
  serverVersion: z.string().optional(),
  contextWindow: factOf(z.number().positive()),
  input: factOf(z.array(z.enum(INPUT_KINDS))),
  mediaLimits: factOf(z.partialRecord(z.enum(INPUT_KINDS), z.number())).optional(),
  maxOutputTokens: factOf(z.number().positive()).optional(),
  defaultOutputTokens: factOf(z.number().positive()).optional(),
  toolCalling: factOf(statusSchema),
  toolFormat: factOf(z.enum(TOOL_FORMATS)).optional(),
  toolParser: factOf(z.string()).optional(),
  reasoning: factOf(statusSchema),
  reasoningParser: factOf(z.string()).optional(),
  thoughtOpenedByTemplate: factOf(z.boolean()).optional(),
  thinking: factOf(thinkingControlSchema).optional(),
  history: factOf(historyRulesSchema).optional(),
  strictTools: factOf(statusSchema).optional(),
}) satisfies z.ZodType<ModelProfile>;
