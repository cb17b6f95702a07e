import type { ChunkSink } from "./chunk-sink.ts";
import type { WireChunk } from "./wire-chunk.ts";

/** Hands every chunk on as it came, before reading it. Without the fast path there is nothing but whole chunks. */
export function tapChunks(chunks: ChunkSink, onRawChunk: (chunk: WireChunk) => void): ChunkSink {
  return {
    onChunk(chunk) {
      onRawChunk(chunk);
      chunks.onChunk(chunk);
    },
    onText: (choiceIndex, delta) => chunks.onText(choiceIndex, delta),
    onThinking: (choiceIndex, delta) => chunks.onThinking(choiceIndex, delta),
    onArguments: (choiceIndex, callIndex, delta) => chunks.onArguments(choiceIndex, callIndex, delta),
  };
}
