import type { ByteBlock, Bytes } from "./byte-block.ts";

export interface TransportRequest {
  method: string;
  /** Absolute, http or https. */
  url: string;
  /** Sent in place of the URL's path and query, byte for byte. Only our own HTTP can: `fetch` writes it from the URL. */
  target?: string | undefined;
  /** By name; or the lines of a message that is passed on, with repeated names and a character a byte. */
  headers: Readonly<Record<string, string>> | HeaderLines;
  body?: string | Bytes | undefined;
  /** Limit for the connection (TCP and TLS), in ms; false: none. */
  connectMs: number | false;
  /** Leaves the body in its `content-encoding`, for whoever passes it on. Only our own HTTP can: `fetch` always undoes it. */
  keepsEncoding?: boolean | undefined;
}

export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface ResponseHead {
  status: number;
  statusText: string;
  /** As they came, a repeated name as often as it is there; without those of an encoding and a length that the transport has undone. */
  lines(): HeaderLines;
  /** By name in lower case, with the value that {@link header} gives; without what {@link lines} leaves out. */
  headers(): Iterable<readonly [name: string, value: string]>;
  /** The value of a header, by its name in lower case; of a repeated one all values, joined with a comma and a blank. */
  header(name: string): string | undefined;
}

/** What an exchange tells. The calls come in this order; `onEnd` or `onError` is the last one. */
export interface TransportListener {
  onHead(head: ResponseHead): void;
  /** The next bytes of the body, without transfer and content encoding: a range of a block, which is good only during the call. */
  onBytes(block: ByteBlock, start: number, end: number): void;
  /** Everything that came in one read has been handed on: the place for what need not be done for every piece. */
  onReadEnd?(): void;
  /** The body is whole, by its own framing. */
  onEnd(): void;
  /**
   * No answer, or a broken one.
   * @param wasReused true when an idle connection turned out to be dead, and the request may be sent again: the server has not seen it,
   * or it is of a method that changes nothing
   */
  onError(error: unknown, wasReused: boolean): void;
}

/** One request on its way. */
export interface Exchange {
  /** Stops reading, so that the server has to wait. Bytes that are here already may still come. */
  pause(): void;
  resume(): void;
  /** Closes the connection at once; the listener hears nothing more. */
  close(): void;
}

/** Sends a request and hands on what comes back, as it comes. Knows nothing of chats. */
export type Transport = (request: TransportRequest, listener: TransportListener) => Exchange;
