import type { Socket } from "node:net";
import type { FailureKind } from "./failure.ts";
import { readBytes, type Reply } from "./reply.ts";

/** Failures that node:http would not let pass: they are written to the socket by hand. */
export const rawFailures = {
  "reset-in-headers": (socket, reply) => {
    const head = toHead(reply);
    socket.write(head.slice(0, Math.floor(head.length / 2)), () => setTimeout(() => socket.resetAndDestroy(), 5));
  },
  garbage: (socket) => {
    socket.end("\x16\x03\x01 SSH-2.0-OpenSSH_9.2 this is not HTTP\r\n\r\n");
  },
  "bad-chunked": (socket, reply) => {
    socket.write(toHead(reply, ["transfer-encoding: chunked"]));
    const body = readBytes(reply);
    const half = body.subarray(0, Math.floor(body.length / 2));
    socket.write(`${half.length.toString(16)}\r\n`);
    socket.write(half);
    socket.end("\r\nnot-a-length\r\nmore");
  },
  "short-content-length": (socket, reply) => {
    const body = readBytes(reply);
    socket.write(toHead(reply, [`content-length: ${Math.floor(body.length / 2)}`]));
    socket.end(body);
  },
  "long-content-length": (socket, reply) => {
    const body = readBytes(reply);
    socket.write(toHead(reply, [`content-length: ${body.length + 1000}`]));
    socket.end(body);
  },
} as const satisfies Partial<Record<FailureKind, (socket: Socket, reply: Reply) => void>>;

export type RawFailureKind = keyof typeof rawFailures;

export function isRawFailure(kind: FailureKind): kind is RawFailureKind {
  return Object.hasOwn(rawFailures, kind);
}

function toHead(reply: Reply, framing: readonly string[] = []): string {
  const headers = reply.headers
    .filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${reply.status} ${reply.reason}`, ...headers, ...framing, "", ""].join("\r\n");
}
