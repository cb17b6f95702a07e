import type { VllmError } from "@vllm/schema/core";
import type { ChatEvent } from "../stream/events.ts";
import type { ChatResult } from "../stream/result.ts";
import type { WireChunk } from "../stream/wire-chunk.ts";
import type { VllmChatCompletionChunk } from "../stream/raw-chunk.ts";
import type { SessionListener, SessionOptions } from "./chat-session.ts";
import { createSession, type Session } from "./create-session.ts";
import { EachEvent } from "./each-event.ts";
import { EventQueue } from "./event-queue.ts";

/**
 * The answer to one chat request, on its way. Read it once: by iterating over its events or with `forEach`, by `result()`, or both at once.
 * It ends with exactly one `done` event, or throws exactly one `VllmError`, which carries `partial`.
 * Leaving the loop, `abort()` and the request's signal close the connection, and the server stops generating.
 */
export interface ChatReply<Output = unknown> extends AsyncIterable<ChatEvent<Output>> {
  /**
   * Calls `onEvent` with each event, in order and as soon as it is read, and gives the whole answer: the cheapest way to read, without a promise for
   * each event. Where `onEvent` returns a promise, the next event waits for it, and if need be the server does.
   *
   * Rejects with the error that iterating throws, or with what `onEvent` threw: then the connection is closed, as on leaving a loop. With a
   * `TypeError` when the reply is read otherwise already.
   */
  forEach(onEvent: (event: ChatEvent<Output>) => unknown): Promise<ChatResult<Output>>;
  /** The whole answer, also without iterating. Rejects with the error the iteration throws. */
  result(): Promise<ChatResult<Output>>;
  /** Stops the server. What was not read yet is lost; iteration and `result()` end with `ABORTED`. */
  abort(reason?: unknown): void;
  /**
   * The chunks as the server sent them, instead of events: OpenAI's `ChatCompletionChunk` with vLLM's fields. Ask for them in the same turn as `chat`.
   *
   * @throws {TypeError} when the request is on its way already
   */
  rawChunks(): AsyncIterable<VllmChatCompletionChunk>;
}

type Reading = "undecided" | "events" | "chunks" | "result";

export function createChatReply<Output>(options: Omit<SessionOptions<Output>, "listener">): ChatReply<Output> {
  const state = new ReplyState<Output>(options);
  const reply = new Reply(state);
  state.reply = new WeakRef(reply);
  return reply;
}

class Reply<Output> implements ChatReply<Output> {
  readonly #state: ReplyState<Output>;

  constructor(state: ReplyState<Output>) {
    this.#state = state;
  }

  [Symbol.asyncIterator](): AsyncIterator<ChatEvent<Output>, undefined> {
    return this.#state.readEvents(this);
  }

  forEach(onEvent: (event: ChatEvent<Output>) => unknown): Promise<ChatResult<Output>> {
    return this.#state.readEach(onEvent);
  }

  rawChunks(): AsyncIterable<VllmChatCompletionChunk> {
    return this.#state.readChunks(this);
  }

  result(): Promise<ChatResult<Output>> {
    return this.#state.readResult();
  }

  abort(reason?: unknown): void {
    this.#state.session.abort(reason);
  }
}

class ReplyState<Output> implements SessionListener<Output> {
  readonly session: Session;
  /** A reply that nobody holds any more must not keep the server busy. Its iterators hold it. */
  reply: WeakRef<Reply<Output>> | undefined;
  private readonly queue: EventQueue<ChatEvent<Output> | VllmChatCompletionChunk>;
  /** Set when the events are read by `forEach`. */
  private each: EachEvent<ChatEvent<Output>> | undefined;
  private reading: Reading = "undecided";
  private hasDropped = false;
  private end: { result: ChatResult<Output> } | { error: VllmError } | undefined;
  private readonly waiting: { resolve(result: ChatResult<Output>): void; reject(error: VllmError): void }[] = [];

  constructor(options: Omit<SessionOptions<Output>, "listener">) {
    this.queue = new EventQueue({ onFull: () => this.session.pause(), onDrained: () => this.session.resume() });
    this.session = createSession<Output>({ ...options, listener: this });
    // After the caller's own synchronous code, which decides how the reply is read.
    queueMicrotask(() => void this.session.run());
  }

  readEvents(owner: Reply<Output>): AsyncIterator<ChatEvent<Output>, undefined> {
    this.claim("events");
    return this.iterate<ChatEvent<Output>>(owner);
  }

  async readEach(onEvent: (event: ChatEvent<Output>) => unknown): Promise<ChatResult<Output>> {
    if (typeof onEvent !== "function")
      throw new TypeError("forEach needs a function, which is called with each event.");
    this.claim("events");
    const queue = this.queue as EventQueue<ChatEvent<Output>>;
    const each = new EachEvent(queue, onEvent, (error) => this.session.abort(error));
    this.each = each;
    try {
      return await this.whenEnded();
    } finally {
      await each.whenDone();
    }
  }

  readChunks(owner: Reply<Output>): AsyncIterable<VllmChatCompletionChunk> {
    if (this.session.hasBegun) {
      throw new TypeError("rawChunks() comes too late: call it right after chat(), before anything is awaited.");
    }
    this.claim("chunks");
    this.session.wantsRawChunks = true;
    return { [Symbol.asyncIterator]: () => this.iterate<VllmChatCompletionChunk>(owner) };
  }

  readResult(): Promise<ChatResult<Output>> {
    const result = this.whenEnded();
    // Whoever iterates as well gets the error there, and must not get it again as an unhandled rejection.
    result.catch(ignore);
    // A reader that waits for the whole in the middle of its loop reads on only when the whole is here.
    const isRead = this.reading === "events" || this.reading === "chunks";
    if (this.each?.isBusy ?? (isRead && !this.queue.hasReader)) this.queue.stopHoldingBack();
    // Iteration may still begin in the same turn.
    queueMicrotask(() => this.drainUnlessRead());
    return result;
  }

  private whenEnded(): Promise<ChatResult<Output>> {
    return new Promise((resolve, reject) => {
      if (this.end === undefined) this.waiting.push({ resolve, reject });
      else if ("result" in this.end) resolve(this.end.result);
      else reject(this.end.error);
    });
  }

  get isForgotten(): boolean {
    return this.waiting.length === 0 && this.reply !== undefined && this.reply.deref() === undefined;
  }

  private claim(reading: "events" | "chunks"): void {
    if (this.reading === "events" || this.reading === "chunks") {
      throw new TypeError("A reply can be read once: it is being read already.");
    }
    if (this.hasDropped) {
      throw new TypeError("result() has consumed the events of this reply: iterate first, or begin in the same turn.");
    }
    this.reading = reading;
  }

  private drainUnlessRead(): void {
    if (this.reading !== "undecided") return;
    this.reading = "result";
    if (!this.queue.isEmpty) this.hasDropped = true;
    this.queue.clear();
  }

  private iterate<Item>(owner: Reply<Output>): AsyncIterator<Item, undefined> & AsyncIterable<Item> {
    const { queue } = this;
    let hasLeft = false;
    return {
      next() {
        if (hasLeft) return Promise.resolve({ value: undefined, done: true });
        return queue.next() as Promise<IteratorResult<Item, undefined>>;
      },
      return() {
        hasLeft = true;
        // By way of the reply, which is so kept from being forgotten while its iterator is in use.
        owner.abort();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  onEvent(event: ChatEvent<Output>): void {
    if (this.reading === "chunks" || this.end !== undefined) return;
    if (this.each !== undefined) this.each.push(event);
    else if (this.reading === "result") this.hasDropped = true;
    else this.queue.push(event);
  }

  onRead(bytes: number): void {
    this.queue.weigh(bytes);
  }

  onRawChunk(chunk: WireChunk): void {
    this.queue.push(chunk as VllmChatCompletionChunk);
  }

  onResult(result: ChatResult<Output>): void {
    this.onEvent({ type: "done", ...result });
    this.end = { result };
    this.queue.end();
    for (const { resolve } of this.waiting.splice(0)) resolve(result);
  }

  onFailure(error: VllmError): void {
    this.end = { error };
    this.queue.fail(error);
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

function ignore(): void {}
