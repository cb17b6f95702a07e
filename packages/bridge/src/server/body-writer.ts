import { Buffer } from "node:buffer";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { BodyWriter } from "../chat/answer-target.ts";

/**
 * `response.write`, for half of what it costs: node gives each piece, its length and its line ends to the kernel as four buffers, in a turn of
 * their own. Here what comes of one read of vLLM's answer is one string with one length. A response without chunks (HTTP/1.0), or one that has to
 * wait for its turn on the connection (pipelining), goes node's way.
 */
export function createBodyWriter(response: ServerResponse, head: OutgoingHttpHeaders): BodyWriter {
  let pending = "";
  let catchingUp: Promise<void> | undefined;
  /** Once the head is sent: where chunks are written to. */
  let socket: Socket | undefined;

  function flush(): void {
    const text = pending;
    pending = "";
    if (text === "" || response.destroyed || response.writableEnded) return;
    if (socket === undefined) {
      if (!response.headersSent) response.writeHead(200, head);
      if (!response.write(text)) waitFor(response);
      if (response.chunkedEncoding && response.socket !== null) ({ socket } = response);
    } else if (!socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)) waitFor(socket);
  }

  function waitFor(stream: Drains): void {
    catchingUp ??= untilDrained(stream, response).finally(() => (catchingUp = undefined));
  }

  return {
    write(text) {
      if (pending === "") process.nextTick(flush);
      pending += text;
      return catchingUp;
    },
    end() {
      flush();
      response.end();
    },
  };
}

interface Drains {
  once(name: "drain", listener: () => void): unknown;
  off(name: "drain", listener: () => void): unknown;
}

function untilDrained(stream: Drains, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stream.off("drain", go);
      response.off("close", go);
      resolve();
    };
    stream.once("drain", go);
    response.once("close", go);
  });
}
