import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import path from "node:path";

const MAIN = path.resolve(import.meta.dirname, "../../src/main.ts");

export interface CommandOptions {
  /** Added to an environment that has nothing about vLLM in it. */
  env?: Record<string, string> | undefined;
  cwd?: string | undefined;
  /** Written to stdin, which is then closed. `false` leaves it open and silent. */
  input?: string | false | undefined;
}

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  child: ChildProcessWithoutNullStreams;
  /** What was written so far. */
  output: { stdout: string; stderr: string };
  /** Waits until stdout or stderr holds the text. */
  until(text: string): Promise<void>;
  ended: Promise<CommandResult>;
}

/** Starts `demo` or `agent` as a person would, in a process of its own. */
export function startCommand(argv: readonly string[], options: CommandOptions = {}): RunningCommand {
  const { env = {}, cwd = import.meta.dirname, input = "" } = options;
  const child = spawn(process.execPath, ["--conditions=@vllm/source", MAIN, ...argv], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (output.stdout += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (output.stderr += piece));
  if (input !== false) child.stdin.end(input);
  const ended = new Promise<CommandResult>((resolve) => {
    child.on("close", (code) => resolve({ code, ...output }));
  });
  async function until(text: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!output.stdout.includes(text) && !output.stderr.includes(text)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`"${text}" never came:\n${output.stdout}\n${output.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  return { child, output, until, ended };
}

export function runCommand(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  return startCommand(argv, options).ended;
}

/** The events of `--json`. Throws when a line is not one. */
export function readEvents(stdout: string): { type: string; [key: string]: unknown }[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
}
