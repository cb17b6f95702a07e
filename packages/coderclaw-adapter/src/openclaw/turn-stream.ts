import type { OutputTurn, TurnEvent, TurnStream } from "./stream-types.ts";

/** A {@link TurnStream} that events are pushed into. The `done` or `error` event ends it. */
export interface OpenTurnStream extends TurnStream {
  push(event: TurnEvent): void;
}

export function createTurnStream(): OpenTurnStream {
  const waiting: TurnEvent[] = [];
  const readers: ((result: IteratorResult<TurnEvent>) => void)[] = [];
  let resolveFinal: (turn: OutputTurn) => void;
  const final = new Promise<OutputTurn>((resolve) => {
    resolveFinal = resolve;
  });
  let hasEnded = false;

  return {
    push(event) {
      if (hasEnded) return;
      const reader = readers.shift();
      if (reader === undefined) waiting.push(event);
      else reader({ value: event, done: false });
      if (event.type !== "done" && event.type !== "error") return;
      hasEnded = true;
      resolveFinal(event.type === "done" ? event.message : event.error);
      for (const open of readers.splice(0)) open({ value: undefined, done: true });
    },
    result: () => final,
    [Symbol.asyncIterator]: () => ({
      next() {
        const event = waiting.shift();
        if (event !== undefined) return Promise.resolve({ value: event, done: false });
        if (hasEnded) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve) => readers.push(resolve));
      },
    }),
  };
}
