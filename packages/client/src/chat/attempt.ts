import type { VllmError } from "@vllm/schema/core";
import type { Exchange, ResponseHead } from "@vllm/transport/internal";
import { AnswerReader, type AttemptOutcome } from "../answer/answer-reader.ts";
import type { Connection, Timeouts } from "../connection/connection.ts";
import {
  closedInSilence,
  idleTooLong,
  noFirstToken,
  silentlyGone,
  type StreamContext,
} from "../errors/stream-errors.ts";
import type { ChunkSink } from "../stream/chunk-sink.ts";
import { EndGrace, type Progress } from "./end-grace.ts";
import { Lifetime } from "./lifetime.ts";
import { askSilentServer } from "./silent-server.ts";
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
  /** The server is healthy, and silent; called when {@link wantsLoad} is set. */
  onWaiting: (server: { waitedMs: number; running?: number | undefined; waiting?: number | undefined }) => void;
  wantsLoad: boolean;
}

/** After `[DONE]`, how long the end of the HTTP body may take: waiting lets the connection be used again. */
const LINGER_MS = 25;
/** How long the body of an error may take once its status is known. */
const ERROR_BODY_MS = 5000;
/** A connection that was lost sooner was not closed by a proxy's read timeout. */
const SHORTEST_READ_TIMEOUT_MS = 1000;

/** One time that a request is sent: its exchange, and the clocks that run beside it. */
export class Attempt {
  private readonly options: AttemptOptions;
  private readonly reader: AnswerReader;
  private readonly grace: EndGrace;
  private readonly watchdog: Watchdog;
  private exchange: Exchange | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSettled = false;
  private sentAt = 0;
  private headAt = 0;
  /** Ends what is asked beside the request. */
  private readonly ending = new Lifetime();
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
      onSilence: () => void this.askSilentServer(),
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
    this.sentAt = performance.now();
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

  /** How long the request has been under way, in ms. */
  get waitedMs(): number {
    return performance.now() - this.sentAt;
  }

  private async askSilentServer(): Promise<void> {
    const { connection, sent, wantsLoad, onWaiting } = this.options;
    // LiteLLM sends a chat to each of its servers when its health is asked for.
    if (connection.routers.isLiteLLM) return;
    const { signal } = this.ending;
    const server = await askSilentServer(connection, sent.headers, { signal, wantsLoad });
    if (this.isSettled || !this.watchdog.isSilent) return;
    if (server.state === "gone") {
      const error = silentlyGone(this.context, server.status);
      this.settle({ type: "failed", error, hadBytes: this.reader.hadBytes, wasStale: false });
    } else if (server.state === "alive" && wantsLoad) {
      const { running, waiting } = server;
      onWaiting({ waitedMs: this.waitedMs, running, waiting });
    }
  }

  /** The server had begun to answer, nothing came, and the connection ended: by its read timeout a proxy does that. */
  private explainSilence(outcome: AttemptOutcome): AttemptOutcome {
    const { head, hadBytes, hasHead, isSettled } = this.reader;
    if (!isSettled || hadBytes || !hasHead || head.status !== 200) return outcome;
    const isLost =
      outcome.type === "ended" || (outcome.type === "failed" && outcome.error.code === "STREAM_ENDED_EARLY");
    // The clock goes on while the machine sleeps, the watchdog does not.
    const silentMs = Math.min(performance.now() - this.headAt, this.watchdog.mostSilentMs);
    if (!isLost || silentMs < SHORTEST_READ_TIMEOUT_MS) return outcome;
    const error = closedInSilence(this.context, silentMs);
    return { type: "failed", error, hadBytes, wasStale: false };
  }

  private settle(given: AttemptOutcome): void {
    if (this.isSettled) return;
    const outcome = this.explainSilence(given);
    this.ending.end();
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
        hasUnsentLogin: connection.login !== undefined && sent.headers["authorization"] !== connection.login,
        secrets: sent.secrets,
      },
      limits: connection.limits,
      fast,
      chunks,
      onRead: (bytes) => {
        onRead(bytes);
        this.grace.onRead();
      },
      onHead: (head) => {
        this.headAt = performance.now();
        connection.routers.note(head);
        onHead(head);
      },
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
