import {
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
