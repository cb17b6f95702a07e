import type { CommandContext } from "../command-context.ts";
import { confirm } from "./prompts.ts";
import { isInteractive } from "./terminal.ts";

/** Whether to write: never in a dry run. A person at a terminal is asked; nobody else can be, and `--yes` says that nobody is to be. */
export async function askToWrite(
  { terminal, output }: CommandContext,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
  question: string,
): Promise<boolean> {
  if (dryRun) return false;
  return yes || output.isJson || !isInteractive(terminal) || confirm(terminal, question);
}
