import { createByteBlock, createPortableByteBlock } from "@vllm/transport/internal";
import { EventParser } from "../../src/sse/event-parser.ts";
import { ChatMachine, type ChunksEnding } from "../../src/stream/chat-machine.ts";
import { ChunkDecoder } from "../../src/stream/decode-chunk.ts";
import type { ChatEvent, ChatPartial } from "@vllm/client";

export interface Reading {
  events: ChatEvent[];
  /** What the layers told in the end. */
  end: ChunksEnding | "malformed" | { error: unknown };
  partial: ChatPartial;
  /** The finished answer, when the end is `answered`. */
  answer: object | undefined;
}

export interface ReadOptions {
  /** The fast path; default true. */
  fast?: boolean;
  /** As other runtimes do it, without Node's `Buffer`. */
  portable?: boolean;
}

/** The three layers without transport, clock or promises: bytes in, events out, at once. */
export function readBytes(pieces: Iterable<Uint8Array>, { fast = true, portable = false }: ReadOptions = {}): Reading {
  const events: ChatEvent[] = [];
  const machine = new ChatMachine({
    model: "asked",
    receiver: { onEvent: (event) => events.push(event) },
    toolNames: ["get_weather"],
  });
  let end: Reading["end"] | undefined;
  let isDone = false;
  const control = {
    onErrorEvent: (error: unknown) => void (end ??= { error }),
    onDone: () => void (isDone = true),
    onMalformed: () => void (end ??= "malformed"),
  };
  const decoder = new ChunkDecoder({ chunks: machine, control, fast });
  const parser = new EventParser({
    onEvent(block, start, stop, name) {
      if (!isDone && end === undefined) decoder.onEvent(block, start, stop, name);
    },
    onUnfinished(block, start, stop) {
      if (!isDone && end === undefined) decoder.onUnfinished(block, start, stop);
    },
  });
  for (const piece of pieces) {
    const buffer = new Uint8Array(piece);
    parser.push((portable ? createPortableByteBlock : createByteBlock)(buffer));
    // As the next read of a shared buffer does it.
    buffer.fill(33);
  }
  parser.end();
  end ??= machine.ending;
  const answer = end === "answered" ? machine.finish() : undefined;
  return { events, end, partial: machine.partial(), answer };
}
