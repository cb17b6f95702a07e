import type { Limits } from "@vllm/schema/core";
import { copyBytes, createByteBlock, type ByteBlock } from "../exchange/byte-block.ts";
import {
  ConnectionPool,
  type PooledSocket,
  type SocketRequest,
  type SocketUser,
  type SocketWaiter,
} from "./connection-pool.ts";
import { createBodyDecoder, listEncodings, type BodyDecoder } from "./decode-body.ts";
import { findProxy, parseProxyOption, type Proxy, type ProxyOptions } from "./proxy.ts";
import { HttpError } from "./http-error.ts";
import type { ParsedHead } from "./parse-head.ts";
import { toRequestHead, type HeadTarget } from "./request-head.ts";
import { ResponseParser, type ResponseSink } from "./response-parser.ts";
import { brokenEncoding, unknownEncoding } from "./unreadable-body.ts";
import { withoutEncoding } from "../exchange/header-lines.ts";
import type { LimitExceeded } from "../exchange/limit-exceeded.ts";
import type { TlsOptions } from "../options/tls-options.ts";
import type { Exchange, Transport, TransportListener, TransportRequest } from "../exchange/transport.ts";

export interface NodeTransportOptions extends ProxyOptions {
  tls: TlsOptions | undefined;
  limits: Limits;
}

/** What an address comes to, worked out once. */
interface Target extends HeadTarget {
  pool: ConnectionPool;
}

/** A client asks for a handful of addresses, over and over. */
const MOST_TARGETS = 100;
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * HTTP/1.1 on Node's sockets. No limits of its own but those for connecting and for heads: what is silent, slow or large is the caller's affair.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a proxy that cannot be used
 */
export function createNodeTransport(options: NodeTransportOptions): Transport {
  const { headBytes } = options.limits;
  if (typeof options.proxy === "string") parseProxyOption(options.proxy);
  const pools = new Map<string, { pool: ConnectionPool; proxy: Proxy | undefined }>();
  const targets = new Map<string, Target>();

  function poolOf(url: URL): { pool: ConnectionPool; proxy: Proxy | undefined } {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const isTls = url.protocol === "https:";
    const proxy = findProxy(url, options);
    const pool = new ConnectionPool({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
      isTls,
      tls: options.tls,
      proxy,
    });
    const made = { pool, proxy };
    pools.set(url.origin, made);
    return made;
  }

  function targetOf(address: string): Target {
    const known = targets.get(address);
    if (known !== undefined) return known;
    const url = new URL(address);
    const { pool, proxy } = poolOf(url);
    const isDirect = proxy === undefined || url.protocol === "https:";
    const origin = isDirect ? "" : url.origin;
    const target: Target = {
      pool,
      path: `${origin}${url.pathname}${url.search}`,
      origin,
      host: url.host,
      proxyAuthorization: isDirect ? undefined : proxy.authorization,
    };
    if (targets.size >= MOST_TARGETS) targets.clear();
    targets.set(address, target);
    return target;
  }

  return (request, listener) => {
    const target = targetOf(request.url);
    return new NodeExchange(target.pool, request, toRequestHead(request, target), listener, headBytes);
  };
}

class NodeExchange implements Exchange, ResponseSink, SocketUser, SocketWaiter {
  private readonly listener: TransportListener;
  private readonly pool: ConnectionPool;
  private readonly parser: ResponseParser;
  /** Let go once it is sent: a long conversation is not kept for as long as its answer takes. */
  private unsent: { head: string; body: string | Uint8Array } | undefined;
  private readonly url: string;
  private readonly keepsEncoding: boolean;
  /** The same request twice is the same as once (RFC 9110, 9.2.1). */
  private readonly isSafe: boolean;
  private acquiring: SocketRequest | undefined;
  private pooled: PooledSocket | undefined;
  private decoder: BodyDecoder | undefined;
  private isDecoderFull = false;
  private keepAliveMs: number | undefined;
  private wasReused = false;
  private isPaused = false;
  private isOver = false;

  constructor(
    pool: ConnectionPool,
    request: TransportRequest,
    head: string,
    listener: TransportListener,
    headBytes: number,
  ) {
    this.pool = pool;
    this.listener = listener;
    this.parser = new ResponseParser(request.method, this, headBytes);
    this.unsent = { head, body: request.body ?? "" };
    this.url = request.url;
    this.keepsEncoding = request.keepsEncoding ?? false;
    this.isSafe = SAFE.has(request.method);
    const acquiring = pool.acquire(request.connectMs, this);
    if (this.pooled === undefined) this.acquiring = acquiring;
  }

  /** A decoder that is paused fills up, and then pauses the socket. */
  pause(): void {
    this.isPaused = true;
    if (this.decoder === undefined) this.pooled?.socket.pause();
    else this.decoder.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.decoder?.resume();
    if (!this.isDecoderFull) this.pooled?.socket.resume();
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.acquiring?.cancel();
    this.drop();
  }

  onSocket(pooled: PooledSocket, wasReused: boolean): void {
    const { unsent } = this;
    this.unsent = undefined;
    this.acquiring = undefined;
    this.pooled = pooled;
    this.wasReused = wasReused;
    pooled.user = this;
    if (this.isPaused) pooled.socket.pause();
    if (unsent === undefined) return;
    // A head that is passed on has a character a byte; that of a request with text is ASCII.
    if (typeof unsent.body === "string" && unsent.body !== "") pooled.socket.write(unsent.head + unsent.body);
    else {
      pooled.socket.write(unsent.head, "latin1");
      if (unsent.body.length > 0) pooled.socket.write(unsent.body);
    }
  }

  get isUnanswered(): boolean {
    return this.wasReused && this.parser.isUntouched;
  }

  onSocketError(error: unknown): void {
    this.fail(error, false);
  }

  onRead(buffer: Buffer, length: number): void {
    if (this.isOver) return;
    this.parser.push(createByteBlock(buffer, length));
    if (!this.isOver && this.decoder === undefined) this.listener.onReadEnd?.();
  }

  onClose(error: unknown): void {
    const { isUntouched } = this.parser;
    if (error === undefined && !isUntouched) this.parser.close();
    else this.fail(error ?? new HttpError("the connection was closed without an answer", "ECONNRESET"), isUntouched);
  }

  onBody(block: ByteBlock, start: number, end: number): void {
    if (this.decoder === undefined) this.listener.onBytes(block, start, end);
    else if (!this.decoder.write(copyBytes(block, start, end))) {
      this.isDecoderFull = true;
      this.pooled?.socket.pause();
    }
  }

  onError(error: HttpError | LimitExceeded): void {
    this.fail(error, false);
  }

  onHead({ status, statusText, lines, headers }: ParsedHead): void {
    this.keepAliveMs = readKeepAlive(headers.get("keep-alive"));
    const coding = headers.get("transfer-encoding");
    if (coding !== undefined && coding !== "chunked" && !/^(?:chunked|identity)$/i.test(coding)) {
      this.fail(unknownEncoding(this.url, "transfer-encoding", coding), false);
      return;
    }
    const encoding = headers.get("content-encoding");
    if (encoding !== undefined && !this.keepsEncoding && !this.startDecoding(encoding)) return;
    this.listener.onHead({
      status,
      statusText,
      lines: this.decoder === undefined ? lines : () => withoutEncoding(lines()),
      headers: () => (this.decoder === undefined ? headers : withoutEncoding([...headers])),
      header: (name) => headers.get(name),
    });
  }

  /** @returns false when the answer cannot be read */
  private startDecoding(header: string): boolean {
    const [encoding, ...others] = listEncodings(header);
    if (encoding === undefined) return true;
    this.decoder = others.length > 0 ? undefined : this.createDecoder(encoding);
    if (this.decoder === undefined) this.fail(unknownEncoding(this.url, "content-encoding", header), false);
    else if (this.isPaused) this.decoder.pause();
    return this.decoder !== undefined;
  }

  private createDecoder(encoding: string): BodyDecoder | undefined {
    return createBodyDecoder(encoding, {
      onBytes: (block, start, end) => {
        if (this.isOver) return;
        this.listener.onBytes(block, start, end);
        if (!this.isOver) this.listener.onReadEnd?.();
      },
      onDrain: () => {
        this.isDecoderFull = false;
        this.pooled?.socket.resume();
      },
      onEnd: () => this.finish(),
      onError: (error) => this.fail(brokenEncoding(this.url, encoding, error), false),
    });
  }

  onEnd(mayReuse: boolean): void {
    const { pooled } = this;
    this.pooled = undefined;
    if (pooled !== undefined) {
      if (mayReuse) this.pool.release(pooled, this.keepAliveMs);
      else {
        pooled.user = undefined;
        pooled.socket.destroy();
      }
    }
    if (this.decoder === undefined) this.finish();
    else this.decoder.end();
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    // What is compressed may end before the body does, which then goes on without anybody to end it.
    this.drop();
    this.listener.onEnd();
  }

  private fail(error: unknown, sawNothing: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.drop();
    // A server that closes after it has read the request may have done what it was asked. One that had closed before refuses its bytes.
    const isRefused = (error as { syscall?: unknown } | undefined)?.syscall !== undefined;
    this.listener.onError(error, this.wasReused && sawNothing && (this.isSafe || isRefused));
  }

  private drop(): void {
    const { pooled } = this;
    this.pooled = undefined;
    this.decoder?.close();
    if (pooled === undefined) return;
    pooled.user = undefined;
    pooled.socket.destroy();
  }
}

/** `timeout=5, max=100` → 5,000: how long the server keeps an idle connection, in ms. */
function readKeepAlive(header: string | undefined): number | undefined {
  const seconds = header === undefined ? undefined : /timeout=(\d+)/.exec(header)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
