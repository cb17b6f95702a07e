import type { ByteBlock } from "./exchange/byte-block.ts";
import { errorFromReading } from "./error-from-reading.ts";
import { LimitExceeded } from "./exchange/limit-exceeded.ts";
import type { Exchange, ResponseHead, Transport, TransportListener } from "./exchange/transport.ts";

/**
 * A transport whose listeners may throw. They are called from sockets, decompressors and promises, with nobody above them: what
 * escaped there would end the process. Here it ends the exchange, and the listener hears of it as the exchange's error.
 */
export function guardTransport(transport: Transport): Transport {
  return (request, listener) => {
    const guarded = new GuardedListener(request.url, listener);
    const exchange = transport(request, guarded);
    guarded.guard(exchange);
    return exchange;
  };
}

class GuardedListener implements TransportListener {
  private readonly url: string;
  private readonly listener: TransportListener;
  private exchange: Exchange | undefined;
  private requestId: string | undefined;
  private isOver = false;

  constructor(url: string, listener: TransportListener) {
    this.url = url;
    this.listener = listener;
  }

  guard(exchange: Exchange): void {
    if (this.isOver) exchange.close();
    else this.exchange = exchange;
  }

  onHead(head: ResponseHead): void {
    if (this.isOver) return;
    try {
      this.requestId = head.header("x-request-id");
      this.listener.onHead(head);
    } catch (cause) {
      this.fail(cause);
    }
  }

  onBytes(block: ByteBlock, start: number, end: number): void {
    if (this.isOver) return;
    try {
      this.listener.onBytes(block, start, end);
    } catch (cause) {
      this.fail(cause);
    }
  }

  onReadEnd(): void {
    if (this.isOver) return;
    try {
      this.listener.onReadEnd?.();
    } catch (cause) {
      this.fail(cause);
    }
  }

  onEnd(): void {
    if (this.isOver) return;
    try {
      this.listener.onEnd();
      this.isOver = true;
    } catch (cause) {
      this.fail(cause);
    }
  }

  onError(error: unknown, wasReused: boolean): void {
    if (this.isOver) return;
    if (error instanceof LimitExceeded) {
      this.fail(error);
      return;
    }
    try {
      this.listener.onError(error, wasReused);
      this.isOver = true;
    } catch (cause) {
      this.fail(cause);
    }
  }

  private fail(cause: unknown): void {
    this.isOver = true;
    this.exchange?.close();
    this.listener.onError(errorFromReading(cause, { url: this.url, requestId: this.requestId }), false);
  }
}
