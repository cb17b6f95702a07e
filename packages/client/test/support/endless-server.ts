import { createServer, type AddressInfo, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { constants, deflateRawSync } from "node:zlib";

export interface EndlessAnswer {
  /** Status line and headers, without the empty line that ends them. */
  head?: string;
  /** The head itself is what does not end. */
  isHeadOpen?: boolean;
  /** Sent once. */
  start?: string;
  /** Sent again and again, for as long as the client reads. */
  again: string;
  /** Compresses the body a thousandfold. */
  gzip?: boolean;
  /** Bytes of each HTTP chunk; the body ends with the connection when absent. */
  chunkBytes?: number;
}

export interface EndlessServer {
  baseUrl: string;
  /** Bytes of bodies that the system took, before compression. */
  sent: () => number;
  /** Resolves when no connection is open any more. */
  whenLeft: () => Promise<void>;
  close: () => void;
}

const JSON_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
const PIECE_BYTES = 64 * 1024;

/** A server whose every answer goes on for as long as somebody reads it. */
export async function startEndless({ head = JSON_HEAD, start = "", ...answer }: EndlessAnswer): Promise<EndlessServer> {
  const { again, gzip = false, chunkBytes, isHeadOpen = false } = answer;
  const encode = gzip ? deflate : (text: string) => Buffer.from(text);
  const repeated = again.repeat(Math.ceil(PIECE_BYTES / again.length));
  const piece = frame(encode(repeated), chunkBytes);
  const opening = [
    Buffer.from(
      isHeadOpen
        ? head
        : `${head}\r\n${gzip ? "content-encoding: gzip\r\n" : ""}${chunkBytes === undefined ? "" : "transfer-encoding: chunked\r\n"}\r\n`,
    ),
    ...(gzip ? [frame(GZIP_HEADER, chunkBytes)] : []),
    ...(start === "" ? [] : [frame(encode(start), chunkBytes)]),
  ];
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.concat(opening));
      const pump = (): void => {
        while (!socket.destroyed) {
          sent += repeated.length;
          if (!socket.write(piece)) return void socket.once("drain", pump);
        }
      };
      pump();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    sent: () => sent,
    async whenLeft() {
      while (sockets.size > 0) await nextTurn();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const GZIP_HEADER = Buffer.from("1f8b0800000000000003", "hex");

/** A piece of a deflate stream that may be followed by another one, or by itself. */
function deflate(text: string): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_FULL_FLUSH });
}

function frame(body: Buffer, chunkBytes: number | undefined): Buffer {
  if (chunkBytes === undefined) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat(chunks);
}
