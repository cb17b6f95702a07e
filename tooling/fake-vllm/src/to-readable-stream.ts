import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { Reply } from "./reply.ts";

/** A reply's body as a web stream: one chunk per chunk, and its end. `onClosed` is called once. */
export function toReadableStream(
  reply: Reply,
  signal: AbortSignal,
  chunkDelayMs: number,
  onClosed: (how: "ended" | "client-left") => void,
): ReadableStream<Uint8Array> {
  const iterator = iterate(reply.chunks);
  let isClosed = false;
  let isFirst = true;

  function close(how: "ended" | "client-left"): void {
    if (isClosed) return;
    isClosed = true;
    onClosed(how);
  }

  return new ReadableStream<Uint8Array>({
    start() {
      signal.addEventListener("abort", () => close("client-left"), { once: true });
    },
    async pull(controller) {
      // Without a turn of the event loop between them, chunks would reach the reader joined.
      if (!isFirst) await (chunkDelayMs > 0 ? delay(chunkDelayMs) : nextTurn());
      isFirst = false;
      // msw goes on reading for a client that has left.
      if (isClosed) return controller.error(new TypeError("terminated"));
      const { done, value } = await iterator.next();
      if (!done) return controller.enqueue(value);
      const end = await reply.end;
      if (end === "silence") return new Promise<void>(() => {});
      close("ended");
      if (end === "complete") controller.close();
      else controller.error(new TypeError("terminated"));
    },
    cancel() {
      close("client-left");
    },
  });
}

async function* iterate(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* chunks;
  return undefined;
}
