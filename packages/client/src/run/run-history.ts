import type { ChatMessage } from "../request/index.ts";
import type { WireUsage } from "../stream/wire-chunk.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import type { HistoryTrimmedEvent } from "./run-events.ts";
import { sizeOf, trimMessages } from "./trim-messages.ts";

/** Tokens that are kept free for an answer, at most; a small window keeps a quarter of itself free. */
const ANSWER_ROOM = 4096;

export interface RunHistoryOptions {
  messages: readonly ChatMessage[];
  /** They are a part of every prompt. */
  tools: readonly unknown[];
  /** What the caller wants to keep free for an answer (`max_tokens`). */
  maxTokens: number | undefined;
  /** The server's own count; undefined where it has none. */
  countTokens(messages: readonly ChatMessage[]): Promise<number | undefined>;
}

/**
 * The conversation of a run. Messages are only ever added, so that the server's prefix cache holds all that was sent before; when the
 * next prompt would not fit, it is shortened once, to half the window, so that the cache is lost seldom.
 */
export class RunHistory {
  messages: ChatMessage[];
  /** Prompt and answer, in tokens; undefined until it is known, and then nothing is shortened. */
  window: number | undefined;
  private readonly options: RunHistoryOptions;
  /** What the server has counted, of how many messages. */
  private counted: { tokens: number; messages: number } | undefined;

  constructor(options: RunHistoryOptions) {
    this.options = options;
    this.messages = [...options.messages];
  }

  /** Adds an answer with what the server counted for it: all messages up to this one. */
  addAnswer(message: ChatMessage, usage: WireUsage | undefined): void {
    this.messages.push(message);
    const { prompt_tokens: prompt, completion_tokens: completion } = usage ?? {};
    if (typeof prompt !== "number") return;
    this.counted = { tokens: prompt + (completion ?? 0), messages: this.messages.length };
  }

  add(message: ChatMessage): void {
    this.messages.push(message);
  }

  /** Shortens the conversation if it does not fit. */
  async fit(): Promise<HistoryTrimmedEvent | undefined> {
    const { window } = this;
    if (window === undefined) return undefined;
    const limit = window - this.answerRoom(window);
    const { likely, most } = this.estimate();
    if (most <= limit) return undefined;
    const tokens = (await this.options.countTokens(this.messages)) ?? likely;
    return tokens <= limit ? undefined : this.trim(tokens, limit, window);
  }

  /** The server says that it does not fit. Undefined when nothing is left to shorten. */
  shrink(window = this.window, promptTokens = 0): HistoryTrimmedEvent | undefined {
    if (window === undefined) return undefined;
    this.window = window;
    const limit = window - this.answerRoom(window);
    return this.trim(Math.max(promptTokens, this.estimate().likely, limit + 1), limit, window);
  }

  /** Half the window for the prompt; results are shortened only as far as they must be. */
  private trim(tokens: number, limit: number, window: number): HistoryTrimmedEvent | undefined {
    const toolSize = JSON.stringify(this.options.tools).length;
    const size = this.messages.reduce((sum, message) => sum + sizeOf(message), 0);
    const perToken = (size + toolSize) / tokens;
    const half = Math.min(window / 2, limit);
    const { messages, droppedMessages, shortenedResults } = trimMessages(this.messages, {
      dropAbove: half * perToken - toolSize,
      shortenAbove: limit * perToken - toolSize,
    });
    if (droppedMessages + shortenedResults === 0) return undefined;
    this.messages = messages;
    this.counted = undefined;
    return { type: "history_trimmed", droppedMessages, shortenedResults, contextWindow: window };
  }

  private answerRoom(window: number): number {
    return Math.min(this.options.maxTokens ?? ANSWER_ROOM, ANSWER_ROOM, Math.floor(window / 4));
  }

  private estimate(): { likely: number; most: number } {
    const { tokens, messages } = this.counted ?? { tokens: 0, messages: 0 };
    const added = this.messages.slice(messages);
    const { likely, most } = estimateTokens(messages === 0 ? [...this.options.tools, ...added] : added);
    return { likely: tokens + likely, most: tokens + most };
  }
}
