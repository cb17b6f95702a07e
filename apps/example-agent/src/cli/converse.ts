import { createPipedInput } from "../repl/piped-input.ts";
import { createCommandRunner } from "../repl/run-command.ts";
import { runRepl } from "../repl/run-repl.ts";
import { createTerminalInput } from "../repl/terminal-input.ts";
import { EXIT } from "../run/exit-code.ts";
import { listModels } from "../run/list-models.ts";
import { runAgent } from "../run/run-agent.ts";
import { chooseColors } from "./choose-colors.ts";
import type { CommandRun } from "./command-run.ts";

/** `agent`: a conversation, at a terminal or through a pipe. @returns the exit code */
export async function converse({ connectOptions, options, interrupts, screen }: CommandRun): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const { signal } = interrupts;
  const { emit, beforePrompt, afterPrompt } = screen;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  if (options.json === true && stdin.isTTY) {
    stderr.write('error: --json needs a question (agent --json "...") or messages piped in\n');
    return EXIT.usage;
  }
  const colors = chooseColors({ isWanted: options.color, isTerminal, env });
  const prompt = colors.bold(colors.cyan("> "));
  return runAgent(connectOptions, emit, async (agent, connection) => {
    const { baseUrl, providerId } = connection;
    const { model, contextWindow } = agent;
    emit({ type: "conversation", model: model.id, contextWindow, baseUrl, folder: connectOptions.folder });
    const input = isTerminal
      ? createTerminalInput({ input: stdin, output: stdout, prompt, beforePrompt, afterPrompt })
      : createPipedInput(stdin);
    const runCommand = createCommandRunner({
      agent,
      providerId,
      listModels: () => listModels(connection, signal),
      emit,
    });
    try {
      return await runRepl({
        agent,
        input,
        runCommand,
        emit,
        signal,
        captureInterrupt: interrupts.capture,
        exit: (code) => process.exit(code),
      });
    } finally {
      input.close();
    }
  });
}
