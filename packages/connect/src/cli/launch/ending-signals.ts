import { constants } from "node:os";

/** Signals that end a program in an orderly way: a closed terminal, and a plain `kill`. */
export interface EndingSignals {
  /** While the work lasts, they go to another program; without one, this program exits, and what listens to `exit` tidies up. */
  during<Result>(receive: (signal: NodeJS.Signals) => void, work: () => Promise<Result>): Promise<Result>;
  stop(): void;
}

const ENDING = ["SIGHUP", "SIGTERM"] as const;

export function watchEndingSignals(): EndingSignals {
  const exit = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  let receiver = exit;
  const onSignal = (signal: NodeJS.Signals): void => receiver(signal);
  for (const signal of ENDING) process.on(signal, onSignal);
  return {
    async during(receive, work) {
      receiver = receive;
      try {
        return await work();
      } finally {
        receiver = exit;
      }
    },
    stop() {
      for (const signal of ENDING) process.off(signal, onSignal);
    },
  };
}
