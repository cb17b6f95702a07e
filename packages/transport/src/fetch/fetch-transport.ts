import { createByteBlock } from "../exchange/byte-block.ts";
import { isLines, withoutEncoding } from "../exchange/header-lines.ts";
import type {
  Exchange,
  HeaderLines,
  ResponseHead,
  Transport,
  TransportListener,
  TransportRequest,
} from "../exchange/transport.ts";
import { isBrowser, USER_AGENT } from "../exchange/user-agent.ts";

/** The part of `fetch` that is used. */
export type FetchFunction = (
  input: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal; redirect: "manual" },
) => Promise<Response>;

/**
 * The transport of every runtime that is not Node, and of callers who bring their own `fetch`. Reading one piece at a time is
 * its back-pressure. `fetch` does not tell when it is connected, so `connectMs` has no effect here.
 */
export function createFetchTransport(fetch: FetchFunction): Transport {
  return (request, listener) => new FetchExchange(fetch, request, listener);
}

class FetchExchange implements Exchange {
  private readonly listener: TransportListener;
  private readonly controller = new AbortController();
  private isOver = false;
  /** Set while nothing is to be read; called to read on. */
  private readOn: (() => void) | undefined;
  private paused: Promise<void> | undefined;

  constructor(fetch: FetchFunction, request: TransportRequest, listener: TransportListener) {
    this.listener = listener;
    void this.run(fetch, request);
  }

  pause(): void {
    this.paused ??= new Promise((resolve) => (this.readOn = resolve));
  }

  resume(): void {
    this.readOn?.();
    this.readOn = undefined;
    this.paused = undefined;
  }

  close(): void {
    // Aborting what is over already costs an error with its stack, a tenth of a short answer.
    if (this.isOver) return;
    this.isOver = true;
    this.controller.abort();
    this.resume();
  }

  private async run(fetch: FetchFunction, { method, url, headers, body }: TransportRequest): Promise<void> {
    try {
      const response = await fetch(url, {
        method,
        headers: toFetchHeaders(headers),
        // Bytes are sent by the `openai` package's routes only; every fetch takes them.
        ...(body === undefined ? {} : { body: body as string }),
        signal: this.controller.signal,
        // Followed, it would take the conversation to another server.
        redirect: "manual",
      });
      if (this.isOver) {
        response.body?.cancel().catch(ignore);
        return;
      }
      this.listener.onHead(toHead(response));
      if (response.body !== null) await this.read(response.body.getReader());
      if (this.isOver) return;
      this.isOver = true;
      this.listener.onEnd();
    } catch (error) {
      if (this.isOver) return;
      this.isOver = true;
      this.listener.onError(error, false);
    }
  }

  private async read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      if (this.paused !== undefined) await this.paused;
      if (this.isOver) {
        reader.cancel().catch(ignore);
        return;
      }
      const { done, value } = await reader.read();
      if (done || this.isOver) return;
      const block = createByteBlock(value);
      this.listener.onBytes(block, 0, block.latin1.length);
      if (!this.isOver) this.listener.onReadEnd?.();
    }
  }
}

/** A proxy that compresses an event stream holds it back; a browser sends its own encodings all the same. */
function toFetchHeaders(headers: TransportRequest["headers"]): Record<string, string> {
  const encoding = { "accept-encoding": "identity" };
  if (isLines(headers)) return { ...encoding, ...Object.fromEntries(new Headers(toPairs(headers))) };
  return { ...encoding, ...(isBrowser() ? {} : { "user-agent": USER_AGENT }), ...headers };
}

function toHead({ type, status, statusText, headers }: Response): ResponseHead {
  const lines = () => (headers.has("content-encoding") ? withoutEncoding([...headers]) : [...headers]);
  return {
    // Browsers hide the status and the target of a redirect.
    status: type === "opaqueredirect" ? 307 : status,
    statusText,
    lines,
    // Cookies stand there one by one.
    headers: () => new Map(lines().map(([name]) => [name, headers.get(name) ?? ""])),
    header: (name) => headers.get(name) ?? undefined,
  };
}

function toPairs(lines: HeaderLines): [string, string][] {
  return lines.map(([name, value]) => [name, value]);
}

function ignore(): void {}
