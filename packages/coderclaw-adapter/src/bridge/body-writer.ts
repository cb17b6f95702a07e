import { Buffer } from "node:buffer";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The body of a streamed answer. */
export interface BodyWriter {
  /** Sends the head with the first piece; pieces of the same turn of the event loop leave together. A promise when the host has to catch up first. */
  write(text: string): Promise<void> | undefined;
  /** Ends the answer after everything that was written. */
  end(): void;
}

/**
 * `response.write`, for half of what it costs: node gives each piece, its length and its line ends to the kernel as four buffers, in a turn of
 * their own. Here a turn's pieces are one string with one length. A response without chunks (HTTP/1.0), or one that has to wait for its
 * turn on the connection (pipelining), goes node's way.
 *
 * All answers are written at the end of the turn: first everything is read that vLLM sent in one step, then everything is written. A host that is woken
 * once reads more than one that is woken by each piece, and waking is most of what a write costs.
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
      if (pending === "") flushTogether(flush);
      pending += text;
      return catchingUp;
    },
    end() {
      flush();
      response.end();
    },
  };
}

let waiting: (() => void)[] = [];

function flushTogether(flush: () => void): void {
  if (waiting.push(flush) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const flushes = waiting;
  waiting = [];
  for (const flush of flushes) flush();
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
