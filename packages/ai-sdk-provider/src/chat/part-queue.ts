import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** Above this many parts, or characters in them, whoever fills the queue has to wait. */
const MOST_PARTS = 64;
const MOST_CHARACTERS = 65_536;

type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>;

/**
 * Parts on their way to a stream that is read part by part. While the reader is busy, the text that arrives grows the last delta instead of
 * becoming parts of its own: a reader that is slower than the server gets fewer and larger ones, and text never waits for more of it.
 */
export class PartQueue {
  private parts: LanguageModelV4StreamPart[] = [];
  private characters = 0;
  private end: "open" | "closed" | { failed: unknown } = "open";
  private onPart: (() => void) | undefined;
  private onRoom: (() => void) | undefined;

  push(part: LanguageModelV4StreamPart): void {
    const last = this.parts.at(-1);
    if (last !== undefined && isDelta(part) && isDelta(last) && last.type === part.type && last.id === part.id) {
      last.delta += part.delta;
      this.characters += part.delta.length;
    } else {
      // A copy, because it may grow.
      this.parts.push(isDelta(part) ? { ...part } : part);
      if (isDelta(part)) this.characters += part.delta.length;
    }
    this.wake();
  }

  /** Fulfilled when there is room; undefined when there is some. */
  whenRoom(): Promise<void> | undefined {
    if (this.parts.length < MOST_PARTS && this.characters < MOST_CHARACTERS) return undefined;
    return new Promise((resolve) => (this.onRoom = resolve));
  }

  close(): void {
    if (this.end === "open") this.end = "closed";
    this.wake();
  }

  /** What is on its way still arrives. */
  fail(error: unknown): void {
    if (this.end === "open") this.end = { failed: error };
    this.wake();
  }

  toStream(onCancel: (reason: unknown) => void): ReadableStream<LanguageModelV4StreamPart> {
    return new ReadableStream<LanguageModelV4StreamPart>(
      {
        pull: (controller) => this.giveNext(controller),
        cancel: (reason) => {
          this.parts = [];
          this.characters = 0;
          this.makeRoom();
          onCancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  private giveNext(controller: Controller): Promise<void> | undefined {
    const part = this.parts.shift();
    if (part !== undefined) {
      if (isDelta(part)) this.characters -= part.delta.length;
      controller.enqueue(part);
      if (this.parts.length === 0) this.makeRoom();
      return undefined;
    }
    if (this.end === "closed") controller.close();
    else if (this.end !== "open") controller.error(this.end.failed);
    else return new Promise<void>((resolve) => (this.onPart = resolve)).then(() => this.giveNext(controller));
    return undefined;
  }

  private wake(): void {
    this.onPart?.();
    this.onPart = undefined;
  }

  private makeRoom(): void {
    this.onRoom?.();
    this.onRoom = undefined;
  }
}

function isDelta(
  part: LanguageModelV4StreamPart,
): part is Extract<LanguageModelV4StreamPart, { type: "text-delta" | "reasoning-delta" }> {
  return part.type === "text-delta" || part.type === "reasoning-delta";
}
