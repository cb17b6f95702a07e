import type { VllmError } from "@vllm/schema/core";
import type { Exchange, ResponseHead } from "@vllm/transport/internal";
import { AnswerReader, type AttemptOutcome } from "../answer/answer-reader.ts";
import type { Connection, Timeouts } from "../connection/connection.ts";
import { idleTooLong, noFirstToken, type StreamContext } from "../errors/stream-errors.ts";
import type { ChunkSink } from "../stream/chunk-sink.ts";
import { EndGrace, type Progress } from "./end-grace.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { Watchdog } from "./watchdog.ts";

export interface AttemptOptions {
  connection: Connection;
  url: string;
  timeouts: Timeouts;
  sent: RequestHeaders;
  body: Readonly<Record<string, unknown>>;
  chunks: ChunkSink;
  /** Off for those who want every chunk whole. */
  fast: boolean;
  progress: Progress;
  isPaused: boolean;
  onHead: (head: ResponseHead) => void;
  onRead: (bytes: number) => void;
  /** `[DONE]` came: what is still on its way needs nobody's room. */
  onDone: () => void;
  /** True once nobody can read the answer any more. */
  isForgotten: () => boolean;
  onForgotten: () => void;
}

/** After `[DONE]`, how long the end of the HTTP body may take: waiting lets the connection be used again. */
const LINGER_MS = 25;
/** How long the body of an error may take once its status is known. */
const ERROR_BODY_MS = 5000;

/** One time that a request is sent: its exchange, and the clocks that run beside it. */
export class Attempt {
  private readonly options: AttemptOptions;
  private readonly reader: AnswerReader;
  private readonly grace: EndGrace;
  private readonly watchdog: Watchdog;
  private exchange: Exchange | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSettled = false;
  private resolve: ((outcome: AttemptOutcome) => void) | undefined;

  constructor(options: AttemptOptions) {
    this.options = options;
    const { connection, timeouts, progress } = options;
    this.grace = new EndGrace({
      progress,
      ticker: connection.ticker,
      onExpired: () => this.reader.endNow(),
    });
    this.reader = this.createReader();
    this.watchdog = new Watchdog({
      activity: this.reader,
      ticker: connection.ticker,
      firstTokenMs: timeouts.firstTokenMs,
      idleMs: timeouts.idleMs,
      onFirstTokenTimeout: (waited) => {
        // An error whose body does not end is told by its status.
        this.reader.settleNow();
        this.expire(noFirstToken(this.context, waited, this.reader.hasHead));
      },
      onIdleTimeout: (waited) => this.expire(idleTooLong(this.context, waited)),
      isForgotten: options.isForgotten,
      onForgotten: options.onForgotten,
    });
  }

  get isSent(): boolean {
    return this.exchange !== undefined;
  }

  /** @throws {VllmError} when the request cannot be sent as it is */
  send(): Promise<AttemptOutcome> {
    const { connection, url, timeouts, sent, body, isPaused } = this.options;
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.exchange = connection.transport(
        {
          method: "POST",
          url,
          headers: sent.headers,
          body: JSON.stringify(body),
          connectMs: timeouts.connectMs,
        },
        this.reader,
      );
      if (isPaused) this.pause();
    });
  }

  pause(): void {
    this.watchdog.isPaused = true;
    this.grace.isPaused = true;
    this.exchange?.pause();
  }

  resume(): void {
    this.watchdog.isPaused = false;
    this.grace.isPaused = false;
    this.exchange?.resume();
  }

  /** The request has ended otherwise. */
  stop(): void {
    this.settle({ type: "ended" });
  }

  private get context(): StreamContext {
    return this.reader.context;
  }

  private expire(error: VllmError): void {
    this.settle({ type: "failed", error, hadBytes: true, wasStale: false });
  }

  private settle(outcome: AttemptOutcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.watchdog.stop();
    this.grace.stop();
    this.exchange?.close();
    this.resolve?.(outcome);
  }

  private createReader(): AnswerReader {
    const { connection, url, sent, body, chunks, fast, onHead, onRead, onDone } = this.options;
    return new AnswerReader({
      context: {
        url,
        model: typeof body["model"] === "string" ? body["model"] : undefined,
        hasKey: sent.hasKey,
        secrets: sent.secrets,
      },
      limits: connection.limits,
      fast,
      chunks,
      onRead: (bytes) => {
        onRead(bytes);
        this.grace.onRead();
      },
      onHead,
      onErrorStatus: () => (this.timer = setTimeout(() => this.reader.settleNow(), ERROR_BODY_MS)),
      onDone: () => {
        this.grace.stop();
        onDone();
        // Mostly the end is in the same bytes.
        queueMicrotask(() => {
          if (!this.reader.isSettled) this.timer = setTimeout(() => this.reader.settleNow(), LINGER_MS);
        });
      },
      onOutcome: (outcome) => this.settle(outcome),
    });
  }
}
