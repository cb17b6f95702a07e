import { EXIT } from "../run/exit-code.ts";
import { runDemo } from "../run/run-demo.ts";
import { converse } from "./converse.ts";
import { createScreen } from "./create-screen.ts";
import type { Interrupts } from "./interrupts.ts";
import { watchInterrupts } from "./interrupts.ts";
import { answerOnce } from "./answer-once.ts";
import { parseCommand } from "./parse-command.ts";

/** Runs a command line in this process. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseCommand(argv);
  if (parsed.command === "exit") {
    process.stdout.write(parsed.output);
    process.stderr.write(parsed.error);
    return parsed.exitCode;
  }
  const { command, options } = parsed;
  standWhereThePersonStands(command);
  const interrupts = watchInterrupts();
  leaveOnClosedPipe(interrupts);
  const { env, stdout, stderr } = process;
  const { baseUrl, model, config: configFile, json, color } = options;
  const screen = createScreen({ command, json: json === true, color, env, stdout, stderr });
  const connectOptions = { env, signal: interrupts.signal, baseUrl, model, configFile, folder: process.cwd() };
  try {
    const run = { connectOptions, options, interrupts, screen };
    const code =
      command === "demo"
        ? await runDemo(connectOptions, screen.emit)
        : parsed.question === undefined
          ? await converse(run)
          : await answerOnce(parsed.question, run);
    return interrupts.exitCode ?? code;
  } finally {
    interrupts.stop();
  }
}

/** `pnpm --dir <clone> agent` runs in the clone; folder and paths are meant from where it was typed, which package managers tell. */
function standWhereThePersonStands(script: string): void {
  const { npm_lifecycle_event: running, INIT_CWD: folder } = process.env;
  if (running === script && folder) process.chdir(folder);
}

/** `agent "..." | head` has read enough: nobody is told, and the generation on the server ends with the process. */
function leaveOnClosedPipe(interrupts: Interrupts): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(interrupts.exitCode ?? EXIT.fine);
    });
  }
}
