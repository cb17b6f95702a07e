import { spawn } from "node:child_process";

import { LabError } from "./lab-error.ts";
import { createLogTail } from "./log-tail.ts";

export interface RunCommandOptions {
  /** What the command is for, as it stands in an error: "install torch". */
  purpose: string;
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const LINES_IN_ERROR = 15;

/** Runs a command to its end. Throws a {@link LabError} with its last lines when it fails, the signal's reason when stopped. */
export async function runCommand(command: string, commandArguments: readonly string[], options: RunCommandOptions) {
  const { purpose, onLine, signal } = options;
  signal?.throwIfAborted();
  const tail = createLogTail(LINES_IN_ERROR);
  const child = spawn(command, commandArguments, { stdio: ["ignore", "pipe", "pipe"], signal });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      tail.push(text);
      const line = tail.lines().at(-1);
      if (line !== undefined) onLine?.(line);
    });
  }
  const failure = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signalName) => resolve(code === 0 ? "" : (signalName ?? `exit code ${code}`)));
  });
  signal?.throwIfAborted();
  if (failure === "") return;
  throw new LabError([`Could not ${purpose} (${failure}). The last lines:`, ...tail.lines()].join("\n  "));
}
