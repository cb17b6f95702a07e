import { EXIT } from "./exit-codes.ts";

/** Ctrl-C: the first one stops the command, the second one this program. */
export interface Interruption {
  signal: AbortSignal;
  /** From now on Ctrl-C is somebody else's, who has the terminal, until the function that is returned is called. */
  handOver(): () => void;
}

export function watchInterruption(): Interruption {
  const controller = new AbortController();
  let isHandedOver = false;
  process.on("SIGINT", () => {
    if (isHandedOver) return;
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
  return {
    signal: controller.signal,
    handOver() {
      isHandedOver = true;
      return () => {
        isHandedOver = false;
      };
    },
  };
}
