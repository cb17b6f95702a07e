import { connect } from "node:net";
import type { Socket } from "node:net";

/** A connection on which a test writes what it likes. */
export function openSocket(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  return socket;
}

export interface RawAnswer {
  status: number;
  text: string;
}

/** The answer: as long as it says itself, else everything until the connection ends. */
export function readAnswer(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let received = "";
    const finish = () => {
      socket.destroy();
      resolve({ status: Number(received.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)), text: received });
    };
    socket.on("data", (piece: Buffer) => {
      received += piece.toString("latin1");
      const [, length, body = ""] = /^content-length: (\d+)\r\n[^]*?\r\n\r\n([^]*)$/im.exec(received) ?? [];
      if (length !== undefined && body.length >= Number(length)) finish();
    });
    socket.once("close", finish);
  });
}

/** Sends a request line as it is: nothing on the way resolves or encodes its target. */
export function sendRaw(
  port: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const socket = openSocket(port);
  const all = { host: "127.0.0.1", connection: "close", ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${line} HTTP/1.1\r\n${head.join("")}\r\n`);
  return readAnswer(socket);
}
