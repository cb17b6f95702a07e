import type { ConfigPath } from "@vllm/schema/internal";
import { formatConfigPath } from "@vllm/schema/internal";
import { z } from "zod";

/** `plugins.entries.<id>.config` in OpenClaw. */
export const openClawPluginConfigSchema = z.strictObject({
  firstTokenSeconds: z
    .number()
    .positive()
    .default(600)
    .describe("Seconds to wait for the first token. A queued request and a long prompt are silent, too."),
  idleSeconds: z
    .number()
    .positive()
    .default(300)
    .describe("Seconds of silence within an answer after which it is given up."),
  recoverToolCalls: z
    .boolean()
    .default(true)
    .describe("Run tool calls that the server left in the text. Only tools of the request, and it is logged."),
});

/** `plugins.entries.<id>.config` in CoderClaw. */
export const coderClawPluginConfigSchema = z.strictObject({
  refreshModels: z
    .boolean()
    .default(true)
    .describe("Bring windows of models that are not in the configuration up to date before a run."),
});

/** Settings with their defaults; what cannot be used is left out and told. */
export function readPluginConfig<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  warn: (message: string) => void,
): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${formatConfigPath(issue.path as ConfigPath) || "config"}: ${issue.message}`,
  );
  warn(`The plugin's config is not used: ${problems.join("; ")}.`);
  return schema.parse({});
}
