import type { AgentLocation, FirstSetup } from "@vllm/coderclaw-adapter/internal";
import {
  planFirstUndo,
  undoFirstSetup,
  backupPath,
  planUndo,
  undoConfig,
  configCheck,
  refuseReadOnly,
  detectAgent,
} from "@vllm/coderclaw-adapter/internal";
import { askToWrite } from "../terminal/ask-to-write.ts";
import type { CommandContext } from "../command-context.ts";
import { writing } from "../command-context.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { renderDiff } from "../ui/render-diff.ts";
import { shortenDiff } from "../ui/shorten-diff.ts";

export interface UndoOptions {
  dryRun: boolean;
  yes: boolean;
}

/** `undo`: swaps the configuration and its newest backup. Twice is nothing. */
export async function undo(context: CommandContext, options: UndoOptions): Promise<ExitCode> {
  const { terminal, output } = context;
  const { location } = detectAgent(terminal, context.options);
  const first = await planFirstUndo(location);
  if (first !== undefined) return removeFirst(context, options, first, location);
  const plan = await planUndo(location.configPath, configCheck(location, terminal.env));
  const { path, text } = plan.file;
  if (text === plan.text) {
    output.say(`${output.path(path)} and its backup are the same.`);
    output.result({ command: "undo", ok: true, path, changed: false });
    return EXIT.fine;
  }
  if (!options.dryRun) refuseReadOnly(location);
  const diff = renderDiff({ path: output.path(path), before: text, after: plan.text }, output.colors);
  output.say(options.dryRun ? diff : shortenDiff(diff, output.colors));
  const isWritten = await askToWrite(context, options, `Bring ${output.path(backupPath(path))} back?`);
  if (isWritten) await writing(context, path, () => undoConfig(plan));
  output.say(
    isWritten ? `${output.colors.green("✔")} Done. Undo again brings the other content back.` : "Nothing was written.",
  );
  output.result({ command: "undo", ok: true, path, changed: isWritten, dryRun: options.dryRun, diff });
  return EXIT.fine;
}

/** There was nothing before the set-up: what it made goes. */
async function removeFirst(
  context: CommandContext,
  options: UndoOptions,
  first: FirstSetup,
  location: AgentLocation,
): Promise<ExitCode> {
  const { output } = context;
  const { configPath, text, removed, kept } = first;
  if (!options.dryRun) refuseReadOnly(location);
  const diff = renderDiff({ path: output.path(configPath), before: text, after: "" }, output.colors);
  output.say(options.dryRun ? diff : shortenDiff(diff, output.colors));
  output.say(`The set-up made this file: there was none before.`);
  const isRemoved = await askToWrite(context, options, `Remove ${output.path(configPath)}?`);
  if (isRemoved) await writing(context, configPath, () => undoFirstSetup(first));
  const names = (paths: readonly string[]): string => paths.map(output.path).join(" and ");
  output.say(isRemoved ? `${output.colors.green("✔")} Removed ${names(removed)}.` : "Nothing was removed.");
  if (isRemoved && kept.length > 0) output.say(`  ${names(kept)} stays: the key is in it.`);
  output.result({
    command: "undo",
    ok: true,
    path: configPath,
    changed: isRemoved,
    dryRun: options.dryRun,
    removed,
    kept,
  });
  return EXIT.fine;
}
