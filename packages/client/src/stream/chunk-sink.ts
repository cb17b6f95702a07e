import type { WireChunk } from "./wire-chunk.ts";

/** Gets what the chunks of a stream bring, in the order in which they came. */
export interface ChunkSink {
  /** A chunk, whole. */
  onChunk(chunk: WireChunk): void;
  /** A chunk that has nothing but a piece of text for one choice. */
  onText(choiceIndex: number, delta: string): void;
  /** A chunk that has nothing but a piece of reasoning for one choice. */
  onThinking(choiceIndex: number, delta: string): void;
  /** A chunk that has nothing but a piece of one call's arguments. */
  onArguments(choiceIndex: number, callIndex: number, delta: string): void;
}

/** Gets what the events of a stream mean besides chunks. */
export interface StreamControl {
  /** An error object in the stream. */
  onErrorEvent(value: unknown): void;
  /** `[DONE]`. */
  onDone(): void;
  /** An event that is not JSON, or JSON that is no object. */
  onMalformed(): void;
}
