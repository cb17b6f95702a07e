import type { CommandContext } from "../command-context.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import { ask } from "../setup/ask.ts";
import { showOutcome } from "../setup/outcome.ts";
import { chooseAgentToSetUp } from "../setup/choose-agent.ts";
import { planChanges } from "../setup/plan.ts";
import type { SetupOptions } from "../setup/setup-options.ts";
import { showPlan, showUnready } from "../setup/show.ts";
import { write } from "../setup/write.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";

/** `setup`: finds the server, picks the model, writes the configuration. Asks only what it cannot know. */
export async function setup(given: CommandContext, options: SetupOptions): Promise<ExitCode> {
  const context = await chooseAgentToSetUp(given, options);
  const { output } = context;
  const answers = await ask(context, options);
  if ("unready" in answers) {
    showUnready(output, answers);
    const code = exitCodeOf(answers.unready.report);
    return code === EXIT.fine ? EXIT.problemsFound : code;
  }
  const planned = await planChanges(answers, options);
  showPlan(output, planned, options);
  const isWritten = await write(context, planned, options);
  showOutcome(output, planned, isWritten, options);
  return planned.isUsable ? EXIT.fine : EXIT.problemsFound;
}
