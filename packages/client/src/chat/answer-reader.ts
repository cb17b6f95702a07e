import {
  errorFromNetwork,
  errorFromResponse,
  errorFromStreamEvent,
  isDeeperThan,
  VllmError,
  type ErrorContext,
  type Limits,
} from "@vllm/schema/core";
import { endedEarly, malformedAnswer, malformedEvent, notAnAnswer, redirected } from "../errors/stream-errors.ts";
import { createByteBlock, type ByteBlock, ByteCollector, LimitExceeded } from "@vllm/transport/internal";
import { EventParser, type EventSink } from "../sse/event-parser.ts";
import type { ChunkSink, StreamControl } from "../stream/chunk-sink.ts";
import { ChunkDecoder, isErrorValue } from "../stream/decode-chunk.ts";
import type { WireChunk } from "../stream/wire-chunk.ts";
import type { ResponseHead, TransportListener } from "@vllm/transport/internal";
import type { Activity } from "./watchdog.ts";

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
    };

export interface AnswerReaderOptions {
  context: ErrorContext;
  limits: Limits;
  chunks: ChunkSink;
  /** Off for those who want every chunk whole. */
  fast: boolean;
  onRequestId: (requestId: string) => void;
  /** An error status: its body comes next. */
  onErrorStatus: () => void;
  /** Bytes of a stream were read, and handed on to `chunks`. */
  onRead: (bytes: number) => void;
  /** `[DONE]` came: only the end of the HTTP body is still missing. */
  onDone: () => void;
  onOutcome: (outcome: AttemptOutcome) => void;
}

/** An answer without a label that has nothing visible in so many bytes is none. */
const MOST_SNIFFED = 4096;

/**
 * Reads one HTTP answer to a chat request, whatever it turns out to be: a stream, one JSON value, an error, a web page. It may throw
 * into the transport, which is guarded.
 */
export class AnswerReader implements TransportListener, EventSink, StreamControl, Activity {
  sawBytes = false;
  hasFirstToken = false;
  hasHead = false;
  isSettled = false;
  private readonly options: AnswerReaderOptions;
  private context: ErrorContext;
  private mode: "stream" | "json" | "sniff" | "error" = "sniff";
  private parser: EventParser | undefined;
  private readonly decoder: ChunkDecoder;
  private head: ResponseHead | undefined;
  private collected = new ByteCollector();
  private hadBytes = false;
  private isDone = false;

  constructor(options: AnswerReaderOptions) {
    this.options = options;
    this.context = options.context;
    const { chunks, fast, limits } = options;
    this.decoder = new ChunkDecoder({ chunks, control: this, fast, nesting: limits.nesting });
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    this.hasHead = true;
    const requestId = head.header("x-request-id");
    if (requestId !== undefined) {
      this.context = { ...this.context, requestId };
      this.options.onRequestId(requestId);
    }
    // The status first: routers label errors as event streams, and event streams as text.
    if (head.status < 200 || head.status > 299) {
      this.mode = "error";
      this.options.onErrorStatus();
    } else if (this.contentType.includes("json")) this.mode = "json";
  }

  onBytes(block: ByteBlock, start: number, end: number): void {
    if (this.isSettled) return;
    this.sawBytes = true;
    const parser = this.parser ?? this.openPlainStream(block, start, end);
    if (parser !== undefined) {
      this.hadBytes = true;
      this.read(parser, block, start, end);
      return;
    }
    if (this.mode === "error") this.collectError(block, start, end);
    else this.collect(block, start, end);
  }

  onEnd(): void {
    if (this.isSettled) return;
    if (this.mode === "error") this.failWithBody();
    else if (this.mode === "json") this.readWhole();
    else if (this.mode === "sniff" && !this.isLabelled) this.fail(this.notAnAnswer());
    else {
      this.parser?.end();
      this.settle({ type: "ended" });
    }
  }

  onError(cause: unknown, wasReused: boolean): void {
    if (this.isSettled) return;
    if (this.isDone) this.settle({ type: "ended" });
    else if (VllmError.isInstance(cause)) this.fail(cause, wasReused);
    else if (!this.hasHead) this.fail(errorFromNetwork(cause, this.context), wasReused);
    else if (this.mode === "error") this.failWithBody();
    else this.fail(endedEarly(this.context, cause));
  }

  onEvent(block: ByteBlock, start: number, end: number, name: string | undefined): void {
    if (this.isDone || this.isSettled) return;
    this.hasFirstToken = true;
    this.decoder.onEvent(block, start, end, name);
  }

  onUnfinished(block: ByteBlock, start: number, end: number): void {
    if (!this.isDone && !this.isSettled) this.decoder.onUnfinished(block, start, end);
  }

  onErrorEvent(value: unknown): void {
    this.fail(errorFromStreamEvent(value, this.context));
  }

  onDone(): void {
    this.isDone = true;
    this.options.onDone();
  }

  onMalformed(): void {
    this.fail(malformedEvent(this.context));
  }

  /** The rest of the body is not worth waiting for. */
  settleNow(): void {
    if (this.isSettled) return;
    if (this.mode === "error") this.failWithBody();
    else if (this.isDone) this.settle({ type: "ended" });
  }

  /** The answer is whole, and the end of its stream does not come. */
  endNow(): void {
    if (this.isSettled) return;
    try {
      // The usage may be there but for the empty line after it.
      this.parser?.end();
    } catch {
      // A timer calls this, and the answer is whole without what cannot be read.
    }
    this.settle({ type: "ended" });
  }

  private get isLabelled(): boolean {
    return this.contentType.includes("text/event-stream");
  }

  private get contentType(): string {
    return this.head?.header("content-type")?.toLowerCase() ?? "";
  }

  private openStream(): EventParser {
    this.mode = "stream";
    this.parser = new EventParser(this, this.options.limits.eventBytes);
    return this.parser;
  }

  /** What nearly every answer begins with needs no sniffing, which keeps a copy. */
  private openPlainStream(block: ByteBlock, start: number, end: number): EventParser | undefined {
    const isPlain =
      this.mode === "sniff" && this.collected.length === 0 && block.latin1.slice(start, end).startsWith("data:");
    return isPlain ? this.openStream() : undefined;
  }

  private read(parser: EventParser, block: ByteBlock, start: number, end: number): void {
    parser.push(block, start, end);
    this.options.onRead(end - start);
  }

  private collect(block: ByteBlock, start: number, end: number): void {
    this.hadBytes ||= start < end;
    const { answerBytes } = this.options.limits;
    if (this.collected.length + end - start > answerBytes) throw new LimitExceeded("answerBytes", answerBytes);
    this.collected.append(block, start, end);
    if (this.mode === "sniff") this.sniff();
  }

  /** The start of an error's body says all there is to say. */
  private collectError(block: ByteBlock, start: number, end: number): void {
    const { errorBytes } = this.options.limits;
    this.collected.append(block, start, Math.min(end, start + errorBytes - this.collected.length));
    if (this.collected.length === errorBytes) this.failWithBody();
  }

  /** Labels lie: JSON and web pages come as event streams, event streams as text. The first visible character does not. */
  private sniff(): void {
    const start = this.text().trimStart();
    if (start === "" && !this.isLabelled && this.collected.length <= MOST_SNIFFED) return;
    if (start.startsWith("{")) this.mode = "json";
    else if (start.startsWith("<")) this.fail(this.notAnAnswer());
    else if (this.isLabelled || /^(data|event|id|retry)?:/.test(start)) {
      const block = createByteBlock(this.collected.joined());
      this.collected = new ByteCollector();
      this.read(this.openStream(), block, 0, block.latin1.length);
    } else if (start.length > 8 || start === "") this.fail(this.notAnAnswer());
  }

  private readWhole(): void {
    const text = this.text();
    const { nesting } = this.options.limits;
    if (isDeeperThan(text, nesting)) throw new LimitExceeded("nesting", nesting);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.fail(this.collected.length === 0 ? this.notAnAnswer() : malformedAnswer(this.context));
      return;
    }
    if (typeof value !== "object" || value === null) this.fail(this.notAnAnswer());
    // vLLM 0.10 answers some errors with status 200.
    else if (isErrorValue(value)) this.failWithBody();
    else if (!Array.isArray((value as WireChunk).choices)) this.fail(this.notAnAnswer());
    else {
      this.options.chunks.onChunk(value as WireChunk);
      this.settle({ type: "ended" });
    }
  }

  private failWithBody(): void {
    const { head } = this;
    if (head === undefined) return;
    if (head.status < 400 && head.status >= 300) {
      this.fail(redirected(this.context, head.status, head.header("location")));
      return;
    }
    this.fail(
      errorFromResponse(
        {
          status: head.status,
          contentType: head.header("content-type"),
          bodyText: this.text(),
          retryAfter: head.header("retry-after"),
        },
        this.context,
      ),
    );
  }

  private notAnAnswer(): VllmError {
    return notAnAnswer(this.context, this.head?.header("content-type"), this.collected.length === 0);
  }

  private fail(error: VllmError, wasStale = false): void {
    this.settle({ type: "failed", error, hadBytes: this.hadBytes, wasStale });
  }

  private settle(outcome: AttemptOutcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.options.onOutcome(outcome);
  }

  private text(): string {
    return new TextDecoder().decode(this.collected.joined());
  }
}
