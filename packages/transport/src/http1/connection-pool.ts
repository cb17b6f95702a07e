import type { Socket } from "node:net";
import { dial, type DialOptions } from "./dial.ts";
import type { SocketReader } from "./shared-reads.ts";

/** What a user of a connection wants to know. Set for as long as the connection is in use. */
export interface SocketUser extends SocketReader {
  /** It has sent a request on a connection that was idle before, and no byte has come back. */
  readonly isUnanswered: boolean;
  onClose(error: unknown): void;
}

/** A connection that can carry one request after another. */
export class PooledSocket implements SocketReader {
  readonly socket: Socket;
  user: SocketUser | undefined;
  /** Until when an idle connection may be used, by `performance.now()`. */
  goodUntil = 0;
  private error: unknown;

  constructor(socket: Socket, onUnusable: (pooled: PooledSocket) => void) {
    this.socket = socket;
    socket.on("error", (error) => (this.error = error));
    socket.on("end", () => {
      // Either the server had closed an idle connection before our request was there, whose bytes its system has then refused: it refuses
      // more of them at once. Or it has read the request, and these are harmless.
      if (this.user?.isUnanswered === true) socket.write("\r\n", (error) => socket.destroy(error ?? undefined));
      else socket.destroy();
    });
    socket.on("close", () => {
      onUnusable(this);
      const { user } = this;
      this.user = undefined;
      user?.onClose(this.error);
    });
  }

  onRead(buffer: Buffer, length: number): void {
    if (this.user !== undefined) this.user.onRead(buffer, length);
    // Nothing was asked: this connection is out of step.
    else this.socket.destroy();
  }
}

/** Whoever asks for a connection. Either is called once, perhaps at once; none after `cancel()`. */
export interface SocketWaiter {
  onSocket(pooled: PooledSocket, wasReused: boolean): void;
  onSocketError(error: unknown): void;
}

export interface SocketRequest {
  cancel(): void;
}

const ANSWERED: SocketRequest = { cancel() {} };

/** Stands for a connection that is still being made. */
class ReaderToBe implements SocketReader {
  pooled: PooledSocket | undefined;

  onRead(buffer: Buffer, length: number): void {
    this.pooled?.onRead(buffer, length);
  }
}

/** vLLM (uvicorn) closes an idle connection after 5 s; a request sent at that moment is lost. */
const IDLE_MS = 4000;
const MOST_IDLE = 256;

/** Connections to one server. Idle ones do not keep the process alive. */
export class ConnectionPool {
  private readonly options: DialOptions;
  private readonly idle: PooledSocket[] = [];
  /** Set while there are idle connections. */
  private sweeping: ReturnType<typeof setTimeout> | undefined;
  /** Made once: a connection must not keep the request that dialled it. */
  private readonly forget = (pooled: PooledSocket): void => {
    const at = this.idle.indexOf(pooled);
    if (at !== -1) this.idle.splice(at, 1);
  };

  constructor(options: DialOptions) {
    this.options = options;
  }

  /** @param connectMs limit for a new connection, in ms */
  acquire(connectMs: number | false, waiter: SocketWaiter): SocketRequest {
    for (let pooled = this.idle.pop(); pooled !== undefined; pooled = this.idle.pop()) {
      if (pooled.goodUntil < performance.now()) pooled.socket.destroy();
      if (pooled.socket.destroyed || pooled.socket.readableEnded) continue;
      pooled.socket.ref();
      waiter.onSocket(pooled, true);
      return ANSWERED;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reader = new ReaderToBe();
    const dialing = dial(
      this.options,
      reader,
      (socket) => {
        clearTimeout(timer);
        reader.pooled = new PooledSocket(socket, this.forget);
        waiter.onSocket(reader.pooled, false);
      },
      (error) => {
        clearTimeout(timer);
        waiter.onSocketError(error);
      },
    );
    if (connectMs !== false) {
      timer = setTimeout(() => {
        dialing.cancel();
        waiter.onSocketError(new ConnectTimeoutError(`no connection within ${connectMs} ms`));
      }, connectMs);
    }
    return {
      cancel() {
        clearTimeout(timer);
        dialing.cancel();
      },
    };
  }

  /** @param keepAliveMs how long the server says it keeps an idle connection */
  release(pooled: PooledSocket, keepAliveMs: number | undefined): void {
    pooled.user = undefined;
    const { socket } = pooled;
    const idleMs = Math.min(IDLE_MS, (keepAliveMs ?? Infinity) - 1000);
    // An answer that came before the whole request was sent leaves the rest of it in the way of the next one.
    const isOutOfStep = socket.writableLength > 0;
    if (socket.destroyed || isOutOfStep || idleMs <= 0 || this.idle.length >= MOST_IDLE) {
      socket.destroy();
      return;
    }
    if (socket.isPaused()) socket.resume();
    pooled.goodUntil = performance.now() + idleMs;
    socket.unref();
    this.idle.push(pooled);
    this.sweepLater();
  }

  /** Closes what has been idle for too long: not every server does. */
  private sweepLater(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = undefined;
      const now = performance.now();
      for (const pooled of this.idle) if (pooled.goodUntil < now) pooled.socket.destroy();
      if (this.idle.some(({ socket }) => !socket.destroyed)) this.sweepLater();
    }, IDLE_MS + 1).unref();
  }
}

class ConnectTimeoutError extends Error {
  override readonly name = "ConnectTimeoutError";
  /** Read by `errorFromNetwork`. */
  readonly code = "ETIMEDOUT";
}
