import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { isDeeperThan } from "@vllm/schema/internal";
import type { ByteBlock } from "@vllm/transport/internal";
import type { EventSink } from "../sse/event-parser.ts";
import { LimitExceeded } from "@vllm/transport/internal";
import type { ChunkSink, StreamControl } from "./chunk-sink.ts";
import { RepeatedChunkReader } from "./repeated-chunks.ts";
import type { WireChunk } from "./wire-chunk.ts";

export interface ChunkDecoderOptions {
  chunks: ChunkSink;
  control: StreamControl;
  /** Takes events that differ in one string only without parsing them. Off for those who want every chunk whole. */
  fast: boolean;
  /** Levels of JSON inside JSON; `LimitExceeded` is thrown for more. */
  nesting?: number | undefined;
}

const DONE = "[DONE]";
/** `[DONE]` with blanks around it; nothing longer is looked at. */
const MOST_DONE = 16;

/** The data of an event → a chunk, an error, or the end of the stream. */
export class ChunkDecoder implements EventSink {
  private readonly repeated: RepeatedChunkReader | undefined;
  private readonly chunks: ChunkSink;
  private readonly control: StreamControl;
  private readonly nesting: number;

  constructor({ chunks, control, fast, nesting = DEFAULT_LIMITS.nesting }: ChunkDecoderOptions) {
    this.chunks = chunks;
    this.control = control;
    this.nesting = nesting;
    this.repeated = fast ? new RepeatedChunkReader(chunks) : undefined;
  }

  onEvent(block: ByteBlock, start: number, end: number, name: string | undefined): void {
    const repeated = name === undefined ? this.repeated : undefined;
    if (repeated !== undefined && repeated.read(block, start, end)) return;
    const chunk = this.take(block, start, end, name);
    if (chunk === "malformed") this.control.onMalformed();
    else if (chunk !== undefined) repeated?.learn(block, start, end, chunk);
  }

  /** The body ended in the middle of an event: it counts only if it is whole but for its empty line. */
  onUnfinished(block: ByteBlock, start: number, end: number): void {
    this.take(block, start, end, undefined);
  }

  private take(
    block: ByteBlock,
    start: number,
    end: number,
    name: string | undefined,
  ): WireChunk | "malformed" | undefined {
    if (isDone(block, start, end)) {
      this.control.onDone();
      return undefined;
    }
    const text = block.utf8(start, end);
    if (isDeeperThan(text, this.nesting)) throw new LimitExceeded("nesting", this.nesting);
    const value = parseObject(text);
    if (value === undefined) return "malformed";
    if (value === null) return undefined;
    if (isErrorValue(value, name)) {
      this.control.onErrorEvent(value);
      return undefined;
    }
    this.chunks.onChunk(value as WireChunk);
    return value as WireChunk;
  }
}

function isDone(block: ByteBlock, start: number, end: number): boolean {
  return end - start <= MOST_DONE && block.latin1.slice(start, end).trim() === DONE;
}

/** `{"error": …}` of vLLM and LiteLLM, `{"object": "error"}` of 0.9, `{"detail": …}` of FastAPI, or an event that is named so. */
export function isErrorValue(value: object, name?: string): boolean {
  const { error, object, detail, choices } = value as Record<string, unknown>;
  if (error !== undefined && error !== null) return true;
  if (Array.isArray(choices)) return false;
  return object === "error" || name === "error" || detail !== undefined;
}

/** Null stays null: an event that says nothing. What is not JSON, or no object, is undefined. */
function parseObject(text: string): object | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
