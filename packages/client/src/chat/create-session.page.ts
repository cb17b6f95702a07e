import { VllmError } from "@vllm/schema/core";
import { aborted } from "@vllm/schema/internal";
import type { SessionOptions } from "./chat-session.ts";
import type { Session } from "./create-session.ts";

/** The same in a page, which loads what a chat is made of with its first one: it is half of the client. */
export function createSession<Output>(options: SessionOptions<Output>): Session {
  return new LoadedSession(options);
}

class LoadedSession<Output> implements Session {
  wantsRawChunks = false;
  hasBegun = false;
  private readonly options: SessionOptions<Output>;
  private session: Session | undefined;
  private isOver = false;

  constructor(options: SessionOptions<Output>) {
    this.options = options;
  }

  async run(): Promise<void> {
    this.hasBegun = true;
    const { signal } = this.options.options;
    const onAbort = () => this.abort(signal?.reason);
    // What is no signal is refused by the session.
    if (signal instanceof AbortSignal) signal.addEventListener("abort", onAbort, { once: true });
    const loaded = await import("./chat-session.ts").catch((cause: unknown) => ({ cause }));
    if (signal instanceof AbortSignal) signal.removeEventListener("abort", onAbort);
    if (this.isOver) return;
    if ("cause" in loaded) {
      this.fail(notLoaded(loaded.cause));
      return;
    }
    this.session = new loaded.ChatSession(this.options);
    this.session.wantsRawChunks = this.wantsRawChunks;
    return this.session.run();
  }

  abort(reason?: unknown): void {
    if (this.session === undefined) this.fail(aborted(reason));
    else this.session.abort(reason);
  }

  pause(): void {
    this.session?.pause();
  }

  resume(): void {
    this.session?.resume();
  }

  private fail(error: VllmError): void {
    if (this.isOver) return;
    this.isOver = true;
    error.partial = { text: "", thinking: "", toolCalls: [] };
    this.options.listener.onFailure(error);
  }
}

function notLoaded(cause: unknown): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: "The request was not sent: the page could not load the part of itself that chats.",
    // Browsers remember that a module failed, so asking again is in vain.
    hint: "Reload the page: it is off line, or older than the files on its web server. Keep those of older builds there for a while (error.cause).",
    cause,
  });
}
