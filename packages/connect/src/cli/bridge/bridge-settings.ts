import { readFile } from "node:fs/promises";
import type { Limits, VllmError } from "@vllm/schema/core";
import type { ConfigPath } from "@vllm/schema/internal";
import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { formatConfigPath } from "@vllm/schema/internal";
import json5 from "json5";
import { z } from "zod";
import type { BridgeKey, BridgeOptions } from "@vllm/bridge";
import { usageError } from "../terminal/usage-error.ts";

const limit = z
  .union([z.number().positive(), z.literal(false)], { error: "must be a number of ms above 0, or false for no limit" })
  .optional();

const size = z.int().positive().optional();
const limits = Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, size])) as Record<
  keyof Limits,
  typeof size
>;

const overflowShape = z.enum(["maximum-context-length", "prompt-is-too-long", "context_length_exceeded", "plain"]);

/** What `bridge --settings` may say: the options of `createBridge` that are neither an address nor a key. Of keys it names the variables. */
const settingsSchema = z.strictObject({
  models: z
    .record(
      z.string(),
      z.strictObject({
        thinking: z
          .union([
            z.enum(["off", "on"]),
            z.strictObject({ effort: z.string() }),
            z.strictObject({ budgetTokens: z.int().positive() }),
          ])
          .optional(),
        strictTools: z.boolean().optional(),
        history: z
          .strictObject({
            developerRole: z.enum(["keep", "system"]).optional(),
            systemMessages: z.enum(["keep", "merge", "user"]).optional(),
            consecutiveUser: z.enum(["keep", "merge"]).optional(),
            toolCallIds: z.enum(["keep", "mistral", "kimi-k2"]).optional(),
            reasoning: z.enum(["reasoning", "reasoning_content", "both", "drop"]).optional(),
            keepReasoning: z.boolean().optional(),
          })
          .optional(),
        params: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
  timeouts: z.strictObject({ connectMs: limit, firstTokenMs: limit, idleMs: limit }).optional(),
  limits: z.strictObject(limits).optional(),
  keepAliveMs: limit,
  stopMs: z.int().nonnegative().optional(),
  maxBodyBytes: z.int().positive().optional(),
  receiveMs: z.int().positive().optional(),
  maxConcurrent: z.int().positive().optional(),
  allowOrigins: z.array(z.string()).optional(),
  probeStrictTools: z.boolean().optional(),
  reasoningTokens: z.enum(["keep", "drop"]).optional(),
  overflow: z.strictObject({ conversation: overflowShape, ownPrompt: overflowShape }).optional(),
  keys: z
    .array(
      z.strictObject({
        variable: z.string().min(1),
        cacheSaltVariable: z.string().min(1).optional(),
        priority: z.int().optional(),
      }),
    )
    .optional(),
});

export type BridgeSettings = Omit<z.infer<typeof settingsSchema>, "keys"> & BridgeOptions;

type SettingsKey = NonNullable<z.infer<typeof settingsSchema>["keys"]>[number];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings in a JSON5 file.
 *
 * @throws {VllmError} `CONFIG_INVALID` with everything that is wrong with it
 */
export async function readBridgeSettings(path: string, env: Environment): Promise<BridgeSettings> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const hint = `Pass --settings with the path of a JSON5 file, or leave it out. ${LOOKS}`;
    throw usageError(`The settings ${path} cannot be read (${cause.code}).`, hint, cause);
  });
  let value: unknown;
  try {
    value = json5.parse(text);
  } catch (cause) {
    throw unusable(path, (cause as Error).message.replace(/^JSON5: /, ""));
  }
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) {
    const { keys, ...settings } = parsed.data;
    return keys === undefined ? settings : { ...settings, keys: keys.map((each) => readKey(each, path, env)) };
  }
  const problems = parsed.error.issues.map(
    (issue) => `${formatConfigPath(issue.path as ConfigPath) || "the file"}: ${issue.message}`,
  );
  throw unusable(path, problems.join("; "));
}

/** Secrets stay out of a file that is shown around and versioned. */
function readKey({ variable, cacheSaltVariable, priority }: SettingsKey, path: string, env: Environment): BridgeKey {
  const read = (name: string): string => {
    const value = env[name]?.trim();
    if (value === undefined || value === "") {
      throw usageError(
        `The settings ${path} name the variable ${name}, which is not set.`,
        `Set it where the bridge is started: export ${name}="$(openssl rand -hex 24)".`,
      );
    }
    return value;
  };
  return {
    key: read(variable),
    ...(cacheSaltVariable === undefined ? {} : { cacheSalt: read(cacheSaltVariable) }),
    ...(priority === undefined ? {} : { priority }),
  };
}

const LOOKS =
  'Such a file looks like { models: { "Qwen/Qwen3-8B": { thinking: "off", params: { temperature: 0.6 } } }, timeouts: { idleMs: 120000 } }; docs/bridge.md has all of it.';

function unusable(path: string, why: string): VllmError {
  return usageError(`The settings ${path} cannot be used: ${why}`, LOOKS);
}
