import { spawn } from "node:child_process";
import { constants } from "node:os";
import { VllmError } from "@vllm/schema/core";
import type { EndingSignals } from "./ending-signals.ts";

/** What the agent gets to end by itself before it is killed. */
const GRACE_MS = 3000;

export interface AgentProcess {
  program: string;
  words: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Those that end this program end the agent first. */
  signals: EndingSignals;
}

/**
 * Runs an agent on this terminal until it ends.
 *
 * @returns its exit code; 128 and the signal's number when a signal ended it, as shells say it
 * @throws {VllmError} `CONFIG_INVALID` when it cannot be started
 */
export async function runAgent({ program, words, env, signals }: AgentProcess): Promise<number> {
  const child = spawn(program, [...words], {
    stdio: "inherit",
    env,
    // What npm installs on Windows is a batch file, which only a shell starts.
    shell: process.platform === "win32" && /\.(?:cmd|bat)$/i.test(program),
  });
  let killing: NodeJS.Timeout | undefined;
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    killing ??= setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  };
  const untilEnded = (): Promise<number> =>
    new Promise((resolve, reject) => {
      child.once("error", (cause: NodeJS.ErrnoException) => reject(notStarted(program, cause)));
      child.once("exit", (code, signal) => {
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
      });
    });
  try {
    return await signals.during(passOn, untilEnded);
  } finally {
    clearTimeout(killing);
  }
}

function notStarted(program: string, cause: NodeJS.ErrnoException): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `${program} cannot be started (${cause.code ?? cause.message}).`,
    hint: "Start it once by itself; if that fails, too, install it again.",
    cause,
  });
}
