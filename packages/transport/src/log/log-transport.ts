import { displayUrl } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";
import type { ByteBlock } from "../exchange/byte-block.ts";
import type { Exchange, ResponseHead, Transport, TransportListener, TransportRequest } from "../exchange/transport.ts";
import { report, type Logger } from "./logger.ts";

/** Tells the lines of requests apart that are under way together. */
let count = 0;

/** A transport that reports each request: `#7 POST http://gpu:8000/v1/chat/completions`, its status, and its end. */
export function logTransport(transport: Transport, logger: Logger): Transport {
  if (logger.debug === undefined) return transport;
  return (request, listener) => {
    const logged = new LoggedListener(request, listener, logger);
    const exchange = transport(request, logged);
    return {
      pause: () => exchange.pause(),
      resume: () => exchange.resume(),
      close() {
        logged.onClose();
        exchange.close();
      },
    } satisfies Exchange;
  };
}

class LoggedListener implements TransportListener {
  private readonly listener: TransportListener;
  private readonly logger: Logger;
  private readonly name: string;
  private readonly startedAt = performance.now();
  private bytes = 0;
  private isOver = false;

  constructor({ method, url }: TransportRequest, listener: TransportListener, logger: Logger) {
    this.listener = listener;
    this.logger = logger;
    this.name = `#${(count += 1)}`;
    this.report(`${method} ${displayUrl(url)}`);
  }

  onHead(head: ResponseHead): void {
    const requestId = head.header("x-request-id") ?? "";
    this.report(`${head.status} after ${this.ms()}${IS_ID.test(requestId) ? `, request id ${requestId}` : ""}`);
    this.listener.onHead(head);
  }

  onBytes(block: ByteBlock, start: number, end: number): void {
    this.bytes += end - start;
    this.listener.onBytes(block, start, end);
  }

  onReadEnd(): void {
    this.listener.onReadEnd?.();
  }

  onEnd(): void {
    this.end("complete");
    this.listener.onEnd();
  }

  onError(error: unknown, wasReused: boolean): void {
    this.end(wasReused ? `${nameOf(error)} on a connection that the server had closed` : nameOf(error));
    this.listener.onError(error, wasReused);
  }

  /** By the program: it has what it needs, or has stopped waiting. */
  onClose(): void {
    this.end("closed by this side");
  }

  private end(how: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.report(`${how} after ${this.ms()}, ${this.bytes} bytes`);
  }

  private ms(): string {
    return `${Math.round(performance.now() - this.startedAt)} ms`;
  }

  private report(what: string): void {
    report(this.logger, "debug", `${this.name} ${what}`);
  }
}

const IS_ID = /^[\w.:-]{1,100}$/;

/** The code of an error, or its kind: its text may be anybody's. */
function nameOf(error: unknown): string {
  const cause = isRecord(error) && isRecord(error["cause"]) ? error["cause"] : error;
  const words = [isRecord(cause) ? cause["code"] : undefined, error instanceof Error ? error.name : undefined];
  return words.find((word): word is string => typeof word === "string" && IS_ID.test(word)) ?? "failed";
}
