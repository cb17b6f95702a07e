import type { Ticker } from "../connection/ticker.ts";

/** What the reader of a stream notes down, and the watchdog looks at. */
export interface Activity {
  /** Set whenever bytes came, comments included; the watchdog takes it back. */
  sawBytes: boolean;
  /** Set once the first event is there. */
  hasFirstToken: boolean;
}

export interface WatchdogOptions {
  activity: Activity;
  ticker: Ticker;
  /** Limit for the first chunk, in ms; false: none. */
  firstTokenMs: number | false;
  /** Limit for silence afterwards, in ms; false: none. */
  idleMs: number | false;
  /** Called once in each silence, when it has lasted {@link SILENCE_MS}. */
  onSilence?: (() => void) | undefined;
  onFirstTokenTimeout: (waitedMs: number) => void;
  onIdleTimeout: (waitedMs: number) => void;
  /** True once nobody can read the answer any more. */
  isForgotten: () => boolean;
  onForgotten: () => void;
}

/** No byte for so long: worth asking the server whether it is still there. */
const SILENCE_MS = 30_000;
const SHORTEST_TICK_MS = 5;
const LONGEST_TICK_MS = 5000;

/**
 * Notices a server that has gone silent. It must cost nothing to those who read, so it only looks now and then, and counts its
 * looks. It uses no clock: a program that was busy, or a machine that slept, has not heard the server's silence.
 */
export class Watchdog {
  /** Set while nobody wants bytes: silence is then ours. */
  isPaused = false;

  private readonly options: WatchdogOptions;
  private readonly tickMs: number;
  private readonly stopTicking: () => void;
  private waitedMs = 0;
  private silentMs = 0;
  private hasToldSilence = false;

  constructor(options: WatchdogOptions) {
    this.options = options;
    const limits = [options.firstTokenMs, options.idleMs].filter((limit) => limit !== false);
    this.tickMs = Math.min(Math.max(SHORTEST_TICK_MS, Math.min(...limits) / 8), LONGEST_TICK_MS);
    this.stopTicking = options.ticker.start(this.tickMs, () => this.look());
  }

  /** The longest that the server can have been silent. */
  get mostSilentMs(): number {
    return this.silentMs + this.tickMs;
  }

  get isSilent(): boolean {
    return this.silentMs >= SILENCE_MS;
  }

  stop(): void {
    this.stopTicking();
  }

  private look(): void {
    const { activity, firstTokenMs, idleMs, onFirstTokenTimeout, onIdleTimeout, isForgotten, onForgotten } =
      this.options;
    this.waitedMs += this.tickMs;
    this.silentMs = activity.sawBytes || this.isPaused ? 0 : this.silentMs + this.tickMs;
    activity.sawBytes = false;
    this.watchSilence();
    if (isForgotten()) this.expire(onForgotten);
    else if (activity.hasFirstToken) {
      if (idleMs !== false && this.silentMs >= idleMs) this.expire(() => onIdleTimeout(this.silentMs));
    } else if (firstTokenMs !== false && this.waitedMs >= firstTokenMs) {
      this.expire(() => onFirstTokenTimeout(this.waitedMs));
    }
  }

  private watchSilence(): void {
    if (!this.isSilent) this.hasToldSilence = false;
    else if (!this.hasToldSilence) {
      this.hasToldSilence = true;
      this.options.onSilence?.();
    }
  }

  private expire(tell: () => void): void {
    this.stop();
    tell();
  }
}
