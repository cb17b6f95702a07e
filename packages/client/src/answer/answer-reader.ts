import { errorFromNetwork, VllmError, type ErrorContext, type Limits } from "@vllm/schema/core";
import type { ByteBlock, ResponseHead, TransportListener } from "@vllm/transport/internal";
import type { Activity } from "../chat/watchdog.ts";
import type { Refusal } from "../errors/refusal.ts";
import type { ChunkSink } from "../stream/chunk-sink.ts";
import type { AnswerBody, AnswerParts } from "./answer-body.ts";
import { ErrorBody } from "./error-body.ts";
import { SniffedBody } from "./sniffed-body.ts";
import { WholeBody } from "./whole-body.ts";

/** How one attempt to get an answer ended. */
export type AttemptOutcome =
  | { type: "ended" }
  | {
      type: "failed";
      error: VllmError;
      /** True once a byte of the answer itself has come; then nothing may be sent again. */
      hadBytes: boolean;
      /** The request went into a dead connection and was not seen by the server. */
      wasStale: boolean;
    }
  | { type: "refused"; refusal: Refusal; hadBytes: boolean };

export interface AnswerReaderOptions {
  context: ErrorContext;
  limits: Limits;
  chunks: ChunkSink;
  /** Off for those who want every chunk whole. */
  fast: boolean;
  /** The answer begins. */
  onHead: (head: ResponseHead) => void;
  /** An error status: its body comes next. */
  onErrorStatus: () => void;
  /** Bytes of a stream were read, and handed on to `chunks`. */
  onRead: (bytes: number) => void;
  /** The server has said that the answer is over: at most the end of the HTTP body is still missing. */
  onDone: () => void;
  onOutcome: (outcome: AttemptOutcome) => void;
}

/**
 * Follows one HTTP answer to a chat request from its head to its one outcome. What its body is, and how that is read, is the body's own
 * affair. It may throw into the transport, which is guarded.
 */
export class AnswerReader implements TransportListener, Activity, AnswerParts {
  sawBytes = false;
  hasFirstToken = false;
  isSettled = false;
  hadBytes = false;
  readBytes = 0;
  context: ErrorContext;
  /** There before any body is. */
  head!: ResponseHead;
  readonly limits: Limits;
  readonly chunks: ChunkSink;
  readonly fast: boolean;
  private readonly options: AnswerReaderOptions;
  private body: AnswerBody | undefined;

  constructor(options: AnswerReaderOptions) {
    this.options = options;
    this.context = options.context;
    this.limits = options.limits;
    this.chunks = options.chunks;
    this.fast = options.fast;
  }

  get hasHead(): boolean {
    return this.body !== undefined;
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    const requestId = head.header("x-request-id");
    if (requestId !== undefined) this.context = { ...this.context, requestId };
    this.options.onHead(head);
    if (this.isSettled) return;
    const contentType = head.header("content-type")?.toLowerCase() ?? "";
    // The status first: routers label errors as event streams, and event streams as text.
    if (head.status < 200 || head.status > 299) {
      this.body = new ErrorBody(this);
      this.options.onErrorStatus();
    } else if (contentType.includes("json")) this.body = new WholeBody(this);
    else this.body = new SniffedBody(this, contentType);
  }

  onBytes(block: ByteBlock, start: number, end: number): void {
    if (this.isSettled) return;
    this.sawBytes = true;
    this.body?.onBytes(block, start, end);
  }

  onReadEnd(): void {
    const { readBytes } = this;
    if (readBytes === 0 || this.isSettled) return;
    this.readBytes = 0;
    this.options.onRead(readBytes);
  }

  onEnd(): void {
    if (!this.isSettled) this.body?.onEnd();
  }

  onError(cause: unknown, wasReused: boolean): void {
    if (this.isSettled) return;
    if (this.body?.isWhole === true) this.end();
    else if (VllmError.isInstance(cause)) this.fail(cause, wasReused);
    else if (this.body === undefined) this.fail(errorFromNetwork(cause, this.context), wasReused);
    else this.body.onLost(cause);
  }

  /** The rest of the body is not worth waiting for. */
  settleNow(): void {
    if (!this.isSettled) this.body?.settleNow();
  }

  /** The answer is whole, and the end of its stream does not come. */
  endNow(): void {
    if (!this.isSettled) this.body?.endNow();
  }

  onDone(): void {
    this.options.onDone();
  }

  become(body: AnswerBody): void {
    this.body = body;
  }

  end(): void {
    this.settle({ type: "ended" });
  }

  fail(error: VllmError, wasStale = false): void {
    this.settle({ type: "failed", error, hadBytes: this.hadBytes, wasStale });
  }

  refuse(refusal: Refusal): void {
    this.settle({ type: "refused", refusal, hadBytes: this.hadBytes });
  }

  private settle(outcome: AttemptOutcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.options.onOutcome(outcome);
  }
}
