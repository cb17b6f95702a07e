import type { ByteBlock } from "@vllm/transport/internal";
import { endedEarly, malformedEvent } from "../errors/stream-errors.ts";
import { EventParser, type EventSink } from "../sse/event-parser.ts";
import type { StreamControl } from "../stream/chunk-sink.ts";
import { ChunkDecoder } from "../stream/decode-chunk.ts";
import type { AnswerBody, AnswerParts } from "./answer-body.ts";

/** An event stream. */
export class StreamBody implements AnswerBody, EventSink, StreamControl {
  isWhole = false;
  private readonly answer: AnswerParts;
  private readonly parser: EventParser;
  private readonly decoder: ChunkDecoder;

  constructor(answer: AnswerParts) {
    this.answer = answer;
    const { chunks, fast, limits } = answer;
    this.decoder = new ChunkDecoder({ chunks, control: this, fast, nesting: limits.nesting });
    this.parser = new EventParser(this, limits.eventBytes);
  }

  onBytes(block: ByteBlock, start: number, end: number): void {
    this.answer.hadBytes = true;
    this.parser.push(block, start, end);
    this.answer.readBytes += end - start;
  }

  onEnd(): void {
    this.parser.end();
    this.answer.end();
  }

  onLost(cause: unknown): void {
    this.answer.fail(endedEarly(this.answer.context, cause));
  }

  settleNow(): void {
    if (this.isWhole) this.answer.end();
  }

  endNow(): void {
    try {
      // The usage may be there but for the empty line after it.
      this.parser.end();
    } catch {
      // A timer calls this, and the answer is whole without what cannot be read.
    }
    this.answer.end();
  }

  onEvent(block: ByteBlock, start: number, end: number, name: string | undefined): void {
    if (this.isWhole || this.answer.isSettled) return;
    this.answer.hasFirstToken = true;
    this.decoder.onEvent(block, start, end, name);
  }

  onUnfinished(block: ByteBlock, start: number, end: number): void {
    if (!this.isWhole && !this.answer.isSettled) this.decoder.onUnfinished(block, start, end);
  }

  onErrorEvent(event: unknown): void {
    this.answer.refuse({ event, context: this.answer.context });
  }

  onDone(): void {
    this.isWhole = true;
    this.answer.onDone();
  }

  onMalformed(): void {
    this.answer.fail(malformedEvent(this.answer.context));
  }
}
