import { createHash } from "node:crypto";

/** What a program does with a stream: looks at every piece. Keeps only what the measurement needs. */
export class Sink {
  pieces = 0;
  finishReason: string | undefined;
  hasUsage = false;
  firstAt = 0;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #kept: { text: string[]; thinking: string[]; toolArguments: string[] } | undefined;

  constructor(options: { keep?: boolean; onText?: (text: string) => void } = {}) {
    this.#onText = options.onText;
    this.#kept = options.keep === true ? { text: [], thinking: [], toolArguments: [] } : undefined;
  }

  text(piece: string): void {
    this.#count();
    this.#onText?.(piece);
    this.#kept?.text.push(piece);
  }

  thinking(piece: string): void {
    this.#count();
    this.#kept?.thinking.push(piece);
  }

  toolArguments(piece: string): void {
    this.#count();
    this.#kept?.toolArguments.push(piece);
  }

  usage(usage: unknown): void {
    if (usage !== null && usage !== undefined) this.hasUsage = true;
  }

  finish(reason: string): void {
    this.finishReason = reason;
  }

  digest(): string {
    const { text, thinking, toolArguments } = this.#kept ?? { text: [], thinking: [], toolArguments: [] };
    return digestOf({ text: text.join(""), thinking: thinking.join(""), toolArguments: toolArguments.join("") });
  }

  #count(): void {
    if (this.firstAt === 0) this.firstAt = performance.now();
    this.pieces += 1;
  }
}

export function digestOf(parts: { text: string; thinking: string; toolArguments: string }): string {
  return createHash("sha256").update([parts.text, parts.thinking, parts.toolArguments].join("\0")).digest("hex");
}
