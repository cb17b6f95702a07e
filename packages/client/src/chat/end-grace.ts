import type { Ticker } from "../connection/ticker.ts";

/** How far an answer is. */
export interface Progress {
  /** Every answer that was asked for has its finish reason; false again when one goes on after it. */
  readonly isFinished: boolean;
  /** The usage has come, so that nothing but `[DONE]` is missing. */
  readonly hasFinalUsage: boolean;
}

export interface EndGraceOptions {
  progress: Progress;
  ticker: Ticker;
  onExpired: () => void;
}

/** How long usage and `[DONE]` may take once every answer has its finish reason, in ms. */
const LONGEST_MS = 5000;
/** The same for `[DONE]` alone, which brings nothing: waiting for it only saves a connection. */
const LONGEST_FOR_DONE_MS = 1000;
const TICK_MS = 100;

/**
 * Ends the wait for the end of a stream whose answer is whole. Proxies keep such a stream open, silent or with comments, for as long
 * as they like. Like the watchdog it counts ticks: time in which the reader wants nothing is not the server's.
 */
export class EndGrace {
  /** Set while nobody wants bytes. */
  isPaused = false;

  private readonly options: EndGraceOptions;
  private stopTicking: (() => void) | undefined;
  private isOver = false;
  private waitedMs = 0;
  private waitedForDoneMs = 0;

  constructor(options: EndGraceOptions) {
    this.options = options;
  }

  /** Bytes came: begins to count when the answer is finished. */
  onRead(): void {
    if (this.isOver || this.stopTicking !== undefined || !this.options.progress.isFinished) return;
    this.waitedMs = 0;
    this.stopTicking = this.options.ticker.start(TICK_MS, () => this.look());
  }

  stop(): void {
    this.isOver = true;
    this.stopTicking?.();
  }

  private look(): void {
    const { progress, onExpired } = this.options;
    if (!progress.isFinished) {
      this.stopTicking?.();
      this.stopTicking = undefined;
      return;
    }
    if (this.isPaused) return;
    this.waitedMs += TICK_MS;
    if (progress.hasFinalUsage) this.waitedForDoneMs += TICK_MS;
    if (this.waitedMs < LONGEST_MS && this.waitedForDoneMs < LONGEST_FOR_DONE_MS) return;
    this.stop();
    onExpired();
  }
}
