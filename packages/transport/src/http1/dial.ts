import type { Socket } from "node:net";
import type { TlsOptions } from "../options/tls-options.ts";
import type { Proxy } from "./proxy.ts";
import { shareReads, type SocketReader } from "./shared-reads.ts";

/** A gateway or a firewall forgets a connection on which nothing comes for minutes, and says so to nobody. */
const KEEP_ALIVE_MS = 60_000;

export interface DialOptions {
  host: string;
  port: number;
  isTls: boolean;
  tls: TlsOptions | undefined;
  proxy: Proxy | undefined;
}

/** A connection that is being made. */
export interface Dialing {
  /** Gives up and closes what is open. */
  cancel(): void;
}

/** What `errorFromNetwork` tells from a failure of the server itself. */
class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code = "ERR_PROXY_TUNNEL";
  /** Of the proxy's answer. */
  readonly status: number | undefined;

  constructor(message: string, { cause, status }: { cause?: unknown; status?: number | undefined } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/**
 * Connects to a server, through a proxy if there is one. `onConnected` or `onError` is called once; none after `cancel()`.
 * The connection lives longer than the request that dialled, so of all this it keeps nothing but the reader.
 */
export function dial(
  options: DialOptions,
  reader: SocketReader,
  onConnected: (socket: Socket) => void,
  onError: (error: unknown) => void,
): Dialing {
  const { host, port, isTls, proxy } = options;
  let current: Socket | undefined;
  let isOver = false;
  const fail = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    current?.destroy();
    onError(error);
  };
  const succeed = (socket: Socket) => {
    if (isOver) return;
    isOver = true;
    socket.off("error", fail);
    onConnected(socket);
  };
  const open = (socket: Socket, event: "connect" | "secureConnect", next: (socket: Socket) => void) => {
    current = socket;
    socket.on("error", fail);
    socket.once(event, () => {
      tune(socket);
      if (!isOver) next(socket);
    });
  };
  const net = process.getBuiltinModule("node:net");
  if (proxy === undefined) {
    if (isTls) open(startTls(options, shareReads(reader)), "secureConnect", succeed);
    else open(net.connect({ host, port, allowHalfOpen: true, ...shareReads(reader) }), "connect", succeed);
  } else {
    const viaProxy = (error: unknown) => fail(new ProxyError("the proxy could not be reached", { cause: error }));
    const first = proxy.isTls
      ? process.getBuiltinModule("node:tls").connect({
          host: proxy.host,
          port: proxy.port,
          ALPNProtocols: ["http/1.1"],
          ...trusted(options.tls),
          ...serverName(proxy.host),
        })
      : net.connect({ host: proxy.host, port: proxy.port });
    current = first;
    first.on("error", viaProxy);
    first.once(proxy.isTls ? "secureConnect" : "connect", () => {
      tune(first);
      first.off("error", viaProxy);
      first.on("error", fail);
      if (isOver) return;
      const finish = (socket: Socket) => {
        first.off("error", fail);
        first.on("error", ignore);
        readBy(reader, socket);
        succeed(socket);
      };
      if (isTls)
        openTunnel(
          first,
          options,
          proxy,
          () => open(startTls(options, { socket: first }), "secureConnect", finish),
          fail,
        );
      else finish(first);
    });
  }
  return {
    cancel() {
      if (isOver) return;
      isOver = true;
      current?.destroy();
    },
  };
}

function tune(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** A connection that began as the proxy's cannot share its reads. */
function readBy(reader: SocketReader, socket: Socket): void {
  socket.on("data", (bytes: Buffer) => reader.onRead(bytes, bytes.length));
}

/** The connection's user hears of errors by its end. */
function ignore(): void {}

function startTls(options: DialOptions, how: { socket: Socket } | ReturnType<typeof shareReads>): Socket {
  const { host, port, tls } = options;
  const nodeTls = process.getBuiltinModule("node:tls");
  const { cert, key, servername } = tls ?? {};
  return nodeTls.connect({
    ...("socket" in how ? how : { host, port, ...how }),
    ALPNProtocols: ["http/1.1"],
    ...trusted(tls),
    ...(cert === undefined ? {} : { cert: toNode(cert) }),
    ...(key === undefined ? {} : { key: toNode(key) }),
    ...(servername === undefined ? serverName(host) : { servername }),
    // Without it Node compares the certificate with "localhost" when the socket is a tunnel.
    host,
  });
}

/** An address has no server name. */
function serverName(host: string): { servername?: string } {
  return process.getBuiltinModule("node:net").isIP(host) === 0 ? { servername: host } : {};
}

/** Of a proxy that speaks TLS, too. */
function trusted(tls: TlsOptions | undefined): { ca?: (string | Buffer)[] } {
  return tls?.ca === undefined ? {} : { ca: [...defaultAuthorities(), ...toList(tls.ca).map(toNode)] };
}

/** `ca` replaces Node's own list, so that is put in front. */
function defaultAuthorities(): readonly string[] {
  const tls = process.getBuiltinModule("node:tls");
  return typeof tls.getCACertificates === "function" ? tls.getCACertificates("default") : tls.rootCertificates;
}

function toList<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [value as Item];
}

function toNode(pem: string | Uint8Array): string | Buffer {
  return typeof pem === "string" ? pem : Buffer.from(pem);
}

/** `CONNECT` (RFC 9110, 9.3.6): after a 2xx the connection is the server's. */
function openTunnel(
  socket: Socket,
  { host, port }: DialOptions,
  proxy: Proxy,
  onOpen: () => void,
  onError: (error: unknown) => void,
): void {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const authorization = proxy.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
  let head = "";
  const onData = (bytes: Buffer) => {
    head += bytes.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end === -1 && head.length < 16_384) return;
    socket.off("data", onData);
    socket.off("close", onClose);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    if (end !== -1 && status?.startsWith("2") === true) onOpen();
    else
      onError(
        new ProxyError("the proxy refused the tunnel", { status: status === undefined ? undefined : Number(status) }),
      );
  };
  const onClose = () => onError(new ProxyError("the proxy closed the connection"));
  socket.on("data", onData);
  socket.once("close", onClose);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
}
