import type { EventEmitter } from "node:events";

/** Signals by which a person or a system ends a program, and the exit codes that say so. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Set once a signal came. */
  readonly exitCode: number | undefined;
  /** From here on Ctrl-C calls this instead. @returns how to give it back */
  capture(listener: () => void): () => void;
  /** Stops listening. */
  stop(): void;
}

/** The first signal stops the work cleanly; the second does not wait for that. */
export function watchInterrupts(
  emitter: EventEmitter = process,
  exit: (code: number) => void = process.exit,
): Interrupts {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let captured: (() => void) | undefined;
  const listeners = Object.entries(EXIT_CODES).map(([name, code]) => {
    const listener = (): void => {
      if (name === "SIGINT" && captured !== undefined) return captured();
      if (exitCode !== undefined) exit(code);
      exitCode = code;
      controller.abort();
    };
    emitter.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    capture(listener) {
      captured = listener;
      return () => (captured = undefined);
    },
    stop() {
      for (const { name, listener } of listeners) emitter.off(name, listener);
    },
  };
}
