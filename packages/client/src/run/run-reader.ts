import { aborted } from "@vllm/schema/internal";

/** Reads a generator by its items, by what it returns, or both at once. What it returns is the last item, too. */
export class RunReader<Item extends object, Last extends Item> {
  private readonly source: AsyncGenerator<Item, Last, undefined>;
  /** Ends what the source is waiting for. */
  private readonly stop: () => void;
  private readonly items: Item[] = [];
  private readonly whole: Promise<Last>;
  private settle: { resolve(last: Last): void; reject(error: unknown): void } | undefined;
  private end: { error?: unknown } | undefined;
  private pulling: Promise<void> | undefined;
  private isIterated = false;
  private isDraining = false;

  constructor(source: AsyncGenerator<Item, Last, undefined>, stop: () => void) {
    this.source = source;
    this.stop = stop;
    this.whole = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Whoever iterates gets the error there, and must not get it again as an unhandled rejection.
    this.whole.catch(() => {});
  }

  iterate(): AsyncIterator<Item, undefined> {
    if (this.isIterated || this.isDraining) throw new TypeError("A run can be read once: it is being read already.");
    this.isIterated = true;
    let hasLeft = false;
    return {
      next: async () => {
        while (this.items.length === 0 && this.end === undefined && !hasLeft) await this.pull();
        const [item] = this.items;
        if (item !== undefined && !hasLeft) {
          this.items.shift();
          return { value: item, done: false };
        }
        const { end } = this;
        if (!hasLeft && end !== undefined && "error" in end) {
          hasLeft = true;
          throw end.error;
        }
        return { value: undefined, done: true };
      },
      return: async () => {
        hasLeft = true;
        await this.leave();
        return { value: undefined, done: true };
      },
    };
  }

  /** Reads on by itself where nobody iterates, or whoever iterates waits for the whole. */
  last(): Promise<Last> {
    queueMicrotask(() => {
      if (this.pulling === undefined) void this.drain();
    });
    return this.whole;
  }

  private async drain(): Promise<void> {
    if (this.isDraining) return;
    this.isDraining = true;
    while (this.end === undefined) {
      await this.pull();
      if (!this.isIterated) this.items.length = 0;
    }
  }

  private pull(): Promise<void> {
    this.pulling ??= this.advance().finally(() => (this.pulling = undefined));
    return this.pulling;
  }

  private async advance(): Promise<void> {
    try {
      const { value, done } = await this.source.next();
      if (done !== true) {
        this.items.push(value);
        return;
      }
      this.items.push(value);
      this.end = {};
      this.settle?.resolve(value);
    } catch (error) {
      this.end = { error };
      this.settle?.reject(error);
    }
  }

  private async leave(): Promise<void> {
    if (this.end !== undefined) return;
    this.stop();
    const error = aborted(undefined);
    this.end = { error };
    this.settle?.reject(error);
    await this.source.return(undefined as never);
  }
}
