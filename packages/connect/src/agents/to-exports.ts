import { quoteForShell } from "@vllm/coderclaw-adapter/internal";

/** A line for a shell for each variable. */
export function toExports(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
}
