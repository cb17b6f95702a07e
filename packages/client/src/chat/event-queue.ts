/** Buffered events above which the server has to wait, and below which it may go on. */
const HIGH_WATER = 1024;
const LOW_WATER = 256;
/** Bytes on the wire that may come while something waits to be read: few events may be large ones. */
const MOST_BYTES = 1_000_000;

export interface EventQueueOptions {
  onFull: () => void;
  onDrained: () => void;
}

interface Waiter<Item> {
  promise: Promise<IteratorResult<Item, undefined>>;
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(error: unknown): void;
}

/** Hands events from a stream that pushes to a reader that pulls. Ends once: with `end` or with `fail`. */
export class EventQueue<Item> {
  private readonly options: EventQueueOptions;
  private items: Item[] = [];
  private head = 0;
  /** The reader that waits. An array that is emptied and filled again makes new room for 17 each time. */
  private waiter: Waiter<Item> | undefined;
  /** Those who asked before the first one had its answer. */
  private laterWaiters: Waiter<Item>[] = [];
  /** Bytes that came since the queue was last empty. */
  private bytes = 0;
  private isFull = false;
  private mayHoldBack = true;
  private isOver = false;
  private failure: { error: unknown } | undefined;

  constructor(options: EventQueueOptions) {
    this.options = options;
  }

  get isEmpty(): boolean {
    return this.head === this.items.length;
  }

  /** True while a reader waits for the next item. */
  get hasReader(): boolean {
    return this.waiter !== undefined;
  }

  push(item: Item): void {
    if (this.isOver) return;
    const { waiter } = this;
    if (waiter !== undefined) {
      this.waiter = this.laterWaiters.length === 0 ? undefined : this.laterWaiters.shift();
      waiter.resolve({ value: item, done: false });
      return;
    }
    this.items.push(item);
    if (this.items.length - this.head >= HIGH_WATER) this.holdBack();
  }

  /** Bytes have come, and what they brought was pushed. */
  weigh(bytes: number): void {
    if (this.isEmpty) return;
    this.bytes += bytes;
    if (this.bytes >= MOST_BYTES) this.holdBack();
  }

  /** After the last item, the reader is told that it was the last. */
  end(): void {
    this.isOver = true;
    for (const waiter of this.takeWaiters()) waiter.resolve({ value: undefined, done: true });
  }

  /** After the last item, the reader gets the error. */
  fail(error: unknown): void {
    this.isOver = true;
    const [first, ...others] = this.takeWaiters();
    if (first === undefined) this.failure = { error };
    else {
      void handled(first.promise);
      first.reject(error);
    }
    for (const waiter of others) waiter.resolve({ value: undefined, done: true });
  }

  /** Forgets everything that was not read yet. */
  clear(): void {
    this.items = [];
    this.head = 0;
    this.bytes = 0;
    this.letFlow();
  }

  /** Lets the server go on to its end, however much waits to be read. */
  stopHoldingBack(): void {
    this.mayHoldBack = false;
    this.letFlow();
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.head < this.items.length) {
      const value = this.items[this.head] as Item;
      this.head += 1;
      // Never emptied by a reader that lags behind, so what was read is dropped now and then.
      if (this.head === this.items.length || (this.head >= HIGH_WATER && 2 * this.head >= this.items.length)) {
        this.items = this.items.slice(this.head);
        this.head = 0;
      }
      if (this.isEmpty) this.bytes = 0;
      if (this.isFull && this.bytes < MOST_BYTES && this.items.length - this.head <= LOW_WATER) this.letFlow();
      return Promise.resolve({ value, done: false });
    }
    if (this.failure !== undefined) {
      const { error } = this.failure;
      this.failure = undefined;
      return handled(Promise.reject(error));
    }
    if (this.isOver) return Promise.resolve({ value: undefined, done: true });
    const waiter = {} as Waiter<Item>;
    waiter.promise = new Promise((resolve, reject) => {
      waiter.resolve = resolve;
      waiter.reject = reject;
    });
    if (this.waiter === undefined) this.waiter = waiter;
    else this.laterWaiters.push(waiter);
    return waiter.promise;
  }

  private takeWaiters(): Waiter<Item>[] {
    const waiters = this.waiter === undefined ? [] : [this.waiter, ...this.laterWaiters];
    this.waiter = undefined;
    this.laterWaiters = [];
    return waiters;
  }

  private holdBack(): void {
    if (this.isFull || !this.mayHoldBack) return;
    this.isFull = true;
    this.options.onFull();
  }

  private letFlow(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.options.onDrained();
  }
}

/** A reader that asks and does not look at the answer must not end the program with an unhandled rejection. */
function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
