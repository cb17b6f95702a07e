import type { Agent } from "../conversation/agent.ts";
import { ask } from "../run/ask.ts";
import { EXIT } from "../run/exit-code.ts";
import type { RunEvent } from "../run/run-event.ts";
import { parseCommandLine } from "./commands.ts";
import type { Input, InputSource } from "./input.ts";
import type { CommandRunner } from "./run-command.ts";

export interface ReplOptions {
  agent: Agent;
  input: InputSource;
  runCommand: CommandRunner;
  emit(event: RunEvent): void;
  /** Ends everything. */
  signal: AbortSignal;
  /** Has Ctrl-C call this while an answer comes. @returns how to give it back */
  captureInterrupt(listener: () => void): () => void;
  /** Ends the program at once. */
  exit(code: number): void;
}

/** A conversation until its input ends. @returns the exit code: 1 when a question of it failed */
export async function runRepl(options: ReplOptions): Promise<number> {
  const { agent, input, runCommand, emit, signal, captureInterrupt, exit } = options;
  const ended = new Promise<Input>((resolve) => {
    if (signal.aborted) resolve({ kind: "end" });
    signal.addEventListener("abort", () => resolve({ kind: "end" }), { once: true });
  });
  let hasFailed = false;
  let isWarned = false;
  const code = (): number => (hasFailed ? EXIT.failed : EXIT.fine);

  async function answer(question: string): Promise<void> {
    const controller = new AbortController();
    const release = captureInterrupt(() => {
      if (controller.signal.aborted) exit(EXIT.interrupted);
      isWarned = true;
      controller.abort();
    });
    try {
      const outcome = await ask(agent, question, AbortSignal.any([signal, controller.signal]), emit);
      hasFailed ||= outcome === "failed" || outcome === "incomplete";
    } finally {
      release();
    }
  }

  for (;;) {
    const given = await Promise.race([ended, input.next()]);
    if (given.kind === "end") return code();
    if (given.kind === "interrupt") {
      if (isWarned) return EXIT.interrupted;
      isWarned = true;
      emit({ type: "reply", text: "Ctrl-C again, or /quit, to leave." });
      continue;
    }
    isWarned = false;
    const command = parseCommandLine(given.text);
    if (command?.name === "/quit") return code();
    if (command === undefined) await answer(given.text);
    else await runCommand(command);
  }
}
