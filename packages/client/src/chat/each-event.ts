import type { EventQueue } from "./event-queue.ts";

/**
 * Calls a function for each item in the moment it comes, without a promise in between. Where the function answers with a promise, what comes
 * meanwhile waits in the queue.
 */
export class EachEvent<Item> {
  private readonly queue: EventQueue<Item>;
  private readonly onItem: (item: Item) => unknown;
  private readonly onThrow: (error: unknown) => void;
  private isCalling = false;
  private catchingUp: Promise<void> | undefined;
  private thrown: { error: unknown } | undefined;

  constructor(queue: EventQueue<Item>, onItem: (item: Item) => unknown, onThrow: (error: unknown) => void) {
    this.queue = queue;
    this.onItem = inContextOfCaller(onItem);
    this.onThrow = onThrow;
    if (!queue.isEmpty) this.catchUp(Promise.resolve());
  }

  /** True while the function has not settled what it was called with. */
  get isBusy(): boolean {
    return this.isCalling || this.catchingUp !== undefined;
  }

  push(item: Item): void {
    if (this.thrown !== undefined) return;
    if (this.isBusy) {
      this.queue.push(item);
      return;
    }
    this.isCalling = true;
    try {
      const returned = this.onItem(item);
      if (isThenable(returned)) this.catchUp(returned);
    } catch (error) {
      this.stop(error);
    }
    this.isCalling = false;
  }

  /** Settles when nothing waits any more; with what the function threw, if it did. */
  async whenDone(): Promise<void> {
    await this.catchingUp;
    if (this.thrown !== undefined) throw this.thrown.error;
  }

  private catchUp(returned: PromiseLike<unknown>): void {
    this.catchingUp = this.goOn(returned).catch((error: unknown) => {
      this.catchingUp = undefined;
      this.stop(error);
    });
  }

  private async goOn(returned: PromiseLike<unknown>): Promise<void> {
    await returned;
    while (!this.queue.isEmpty) {
      const { value } = await this.queue.next();
      await this.onItem(value as Item);
    }
    this.catchingUp = undefined;
  }

  private stop(error: unknown): void {
    this.thrown = { error };
    this.onThrow(error);
  }
}

/** A socket reads in the context of whoever opened it: what `AsyncLocalStorage` holds, for traces and logs, would be another request's. */
function inContextOfCaller<Item>(call: (item: Item) => unknown): (item: Item) => unknown {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  // What a bundler puts in its place may lack it.
  if (typeof hooks?.AsyncResource !== "function") return call;
  const context = new hooks.AsyncResource("ChatReply");
  return (item) => context.runInAsyncScope(call, undefined, item);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
