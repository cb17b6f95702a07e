import { spawn } from "node:child_process";

import { createLogTail, type LogTail } from "./log-tail.ts";
import { findGroupMembers, trySignal } from "./process-group.ts";

export interface ServerProcessOptions {
  folder: string;
  environment: NodeJS.ProcessEnv;
  onLog?: ((text: string) => void) | undefined;
}

export interface ServerProcess {
  /** undefined when the command could not be started at all; `ended` then says why. */
  pid: number | undefined;
  tail: LogTail;
  hasEnded(): boolean;
  /** How it ended: "exit code 1", "signal SIGKILL". */
  ended: Promise<string>;
  /** Asks it to end, insists after ten seconds, and waits until nothing is left of its process group. */
  stop(): Promise<void>;
}

const TAIL_LINES = 300;
/** vLLM waits for its engine when asked to end; after this it is not asked any more. */
const GRACE_MS = 10_000;
const POLL_MS = 20;

/** Starts a command with a process group of its own: a Ctrl-C in the terminal reaches only us, and one signal reaches all of its children. */
export function startServerProcess(
  command: string,
  commandArguments: readonly string[],
  { folder, environment, onLog }: ServerProcessOptions,
): ServerProcess {
  const child = spawn(command, commandArguments, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tail = createLogTail(TAIL_LINES);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      tail.push(text);
      onLog?.(text);
    });
  }
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  void ended.then(() => (isOver = true));

  async function stopNow(): Promise<void> {
    const { pid } = child;
    if (pid === undefined) return;
    trySignal(pid, "SIGTERM");
    // a paused process takes no other signal until it goes on
    trySignal(-pid, "SIGCONT");
    const timer = setTimeout(() => trySignal(-pid, "SIGKILL"), GRACE_MS);
    await ended;
    clearTimeout(timer);
    const deadline = Date.now() + GRACE_MS;
    while ((await findGroupMembers(pid)).length > 0 && Date.now() < deadline) {
      trySignal(-pid, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  let stopping: Promise<void> | undefined;
  return { pid: child.pid, tail, hasEnded: () => isOver, ended, stop: () => (stopping ??= stopNow()) };
}
