import type { Readable, Writable } from "node:stream";
import type { Surroundings } from "@vllm/coderclaw-adapter/internal";
import { currentSurroundings } from "@vllm/coderclaw-adapter/internal";
import type { Interruption } from "./interruption.ts";
import { toOwnCommand } from "./own-command.ts";

/** Everything a command touches outside itself; tests give their own. */
export interface Terminal extends Surroundings {
  stdin: Readable & { isTTY?: boolean | undefined };
  stdout: Writable & { isTTY?: boolean | undefined; columns?: number | undefined };
  stderr: Writable & { isTTY?: boolean | undefined };
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Leaves Ctrl-C to another program, which gets the terminal, until the function that is returned is called. */
  handOver?: Interruption["handOver"] | undefined;
  fetch?: typeof fetch | undefined;
  /** What a person types to start this program again; `vllm-connect` if left out. */
  ownCommand?: string | undefined;
}

export function currentTerminal({ signal, handOver }: Interruption): Terminal {
  const { stdin, stdout, stderr, env, argv } = process;
  return { ...currentSurroundings(), stdin, stdout, stderr, signal, handOver, ownCommand: toOwnCommand(env, argv[1]) };
}

/** Colours where a person looks at them: `NO_COLOR` and `--no-color` say no, `FORCE_COLOR` says yes (no-color.org, force-color.org). */
export function wantsColor(terminal: Terminal, flag: boolean): boolean {
  if (!flag || setTo(terminal.env["NO_COLOR"])) return false;
  if (setTo(terminal.env["FORCE_COLOR"])) return terminal.env["FORCE_COLOR"] !== "0";
  return terminal.stdout.isTTY === true && terminal.env["TERM"] !== "dumb";
}

/** Whether questions can be asked. */
export function isInteractive(terminal: Terminal): boolean {
  return terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
}

function setTo(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
