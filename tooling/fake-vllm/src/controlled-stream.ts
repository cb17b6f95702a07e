import { createDeferred } from "./deferred.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { ReplyEnd } from "./reply.ts";

/** A reply that a test writes step by step. It serves one request. */
export interface ControlledStream {
  /** Fulfilled with the request that this stream answers, once it is there. */
  readonly opened: Promise<ReceivedRequest>;
  /** Fulfilled when the stream is over: `client-left` when the client went away first. */
  readonly closed: Promise<"ended" | "client-left">;
  /** Sends bytes as one HTTP chunk. A text is sent as UTF-8; nothing is added to it. */
  write(piece: string | Uint8Array): void;
  /** Sends one event, `data: <JSON>` and an empty line, as vLLM writes them. */
  writeEvent(data: unknown): void;
  /** Ends the body properly. */
  end(): void;
  /** Closes the connection without the last chunk. */
  destroy(): void;
  /** Resets the connection. */
  reset(): void;
}

/** The side of a controlled stream that a transport reads. */
export interface ControlledSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly end: Promise<ReplyEnd>;
  onOpened(request: ReceivedRequest): void;
  onClosed(how: "ended" | "client-left"): void;
}

const sources = new WeakMap<ControlledStream, ControlledSource>();

export function createControlledStream(): ControlledStream {
  const pieces: Uint8Array[] = [];
  const opened = createDeferred<ReceivedRequest>();
  const closed = createDeferred<"ended" | "client-left">();
  const end = createDeferred<ReplyEnd>();
  let isOver = false;
  let wake: (() => void) | undefined;

  function finish(how: ReplyEnd): void {
    isOver = true;
    end.resolve(how);
    wake?.();
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = pieces.shift();
      if (piece) yield piece;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  const stream: ControlledStream = {
    opened: opened.promise,
    closed: closed.promise,
    write(piece) {
      if (isOver) throw new Error("This controlled stream is over: nothing can be written to it any more.");
      pieces.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
      wake?.();
    },
    writeEvent: (data) => stream.write(`data: ${JSON.stringify(data)}\n\n`),
    end: () => finish("complete"),
    destroy: () => finish("close"),
    reset: () => finish("reset"),
  };
  let isUsed = false;
  sources.set(stream, {
    chunks: { [Symbol.asyncIterator]: read },
    end: end.promise,
    onOpened(request) {
      if (isUsed) throw new Error("A controlled stream answers one request; this is the second. Create another one.");
      isUsed = true;
      opened.resolve(request);
    },
    onClosed(how) {
      finish("silence");
      closed.resolve(how);
    },
  });
  return stream;
}

export function sourceOf(stream: ControlledStream): ControlledSource {
  const source = sources.get(stream);
  if (!source) throw new TypeError("Not a stream made by createControlledStream().");
  return source;
}
