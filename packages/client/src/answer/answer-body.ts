import type { ErrorContext, Limits, VllmError } from "@vllm/schema/core";
import type { ByteBlock, ResponseHead } from "@vllm/transport/internal";
import type { Refusal } from "../errors/refusal.ts";
import type { ChunkSink } from "../stream/chunk-sink.ts";

/** The body of an answer, as one kind of body. May throw into the transport, which is guarded. */
export interface AnswerBody {
  /** True when nothing is missing but the end of the HTTP body. */
  readonly isWhole: boolean;
  onBytes(block: ByteBlock, start: number, end: number): void;
  /** The body ended as its framing says. */
  onEnd(): void;
  /** The connection broke in it. */
  onLost(cause: unknown): void;
  /** The rest of it is not worth waiting for, if what came is enough. */
  settleNow(): void;
  /** The answer is whole, and the end of its stream does not come. */
  endNow(): void;
}

/** What a body needs of the answer that it is a part of. */
export interface AnswerParts {
  readonly context: ErrorContext;
  readonly head: ResponseHead;
  readonly limits: Limits;
  readonly chunks: ChunkSink;
  /** Off for those who want every chunk whole. */
  readonly fast: boolean;
  readonly isSettled: boolean;
  /** Set once a byte of the answer itself has come. */
  hadBytes: boolean;
  /** Set once the first event is there. */
  hasFirstToken: boolean;
  /** Bytes of a stream that were handed on to `chunks` in the read that is under way. */
  readBytes: number;
  /** The server has said that the answer is over: `[DONE]`, or the end of an answer that is not streamed. */
  onDone(): void;
  /** The body turned out to be of this kind. */
  become(body: AnswerBody): void;
  end(): void;
  fail(error: VllmError): void;
  /** The server says itself what went wrong. */
  refuse(refusal: Refusal): void;
}
