/**
 * Plays the shapes on a raw socket, so that the server costs little and frames like uvicorn. Prints its port.
 * Route: `/<shape>/v1/chat/completions`. Paced streams begin when all of a shape's streams have joined.
 */
import net from "node:net";
import { contentEvent, endEvents, httpChunk, lastHttpChunk, roleEvent } from "./payloads.ts";
import type { ShapeName } from "./shapes.ts";
import { SHAPES } from "./shapes.ts";

const RESPONSE_HEAD = Buffer.from(
  "HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n",
);
const STAMP = "000000000000";
const stampedChunk = httpChunk(contentEvent(` ${STAMP}`));
const stampOffset = stampedChunk.indexOf(STAMP);
const whole = new Map<string, Buffer>();
const joined = new Map<string, net.Socket[]>();

function microseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** A token whose text is the time it was sent at (CLOCK_MONOTONIC, µs): the client's latency is its own clock minus this. */
function stampedToken(): Buffer {
  const bytes = Buffer.from(stampedChunk);
  let value = microseconds();
  for (let digit = 11; digit >= 0; digit -= 1) {
    bytes[stampOffset + digit] = 48 + (value % 10);
    value = Math.floor(value / 10);
  }
  return bytes;
}

function answer(socket: net.Socket, name: ShapeName): void {
  const shape = SHAPES[name];
  if (shape.kind === "sequence") {
    let bytes = whole.get(name);
    if (bytes === undefined) {
      bytes = Buffer.concat([RESPONSE_HEAD, ...shape.payload().events.map(httpChunk), lastHttpChunk]);
      whole.set(name, bytes);
    }
    socket.write(bytes);
    return;
  }
  socket.write(Buffer.concat([RESPONSE_HEAD, httpChunk(roleEvent())]));
  const sockets = [...(joined.get(name) ?? []), socket];
  joined.set(name, sockets);
  if (sockets.length < shape.streams) return;
  joined.delete(name);
  pace(sockets, shape.tokensEach, shape.stepMs, shape.spread);
}

function pace(sockets: readonly net.Socket[], tokensEach: number, stepMs: number, spread: boolean): void {
  const count = sockets.length;
  const total = count * tokensEach;
  const begin = microseconds() + 500_000; // lets the client settle after opening its streams
  const due = (index: number) => begin + (spread ? index / count : Math.floor(index / count)) * stepMs * 1000;
  let index = 0;
  const tick = (): void => {
    for (let burst = 0; index < total && burst < 512 && due(index) <= microseconds(); burst += 1, index += 1) {
      (sockets[index % count] as net.Socket).write(stampedToken());
    }
    if (index < total) setImmediate(tick);
    else
      for (const socket of sockets)
        socket.write(Buffer.concat([...endEvents("length", tokensEach).map(httpChunk), lastHttpChunk]));
  };
  tick();
}

const server = net.createServer({ noDelay: true }, (socket) => {
  let waiting = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (;;) {
      const headEnd = waiting.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const head = waiting.toString("latin1", 0, headEnd);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (waiting.length < headEnd + 4 + length) return;
      waiting = waiting.subarray(headEnd + 4 + length);
      const name = head.split("/")[1] ?? "";
      if (!(name in SHAPES) || /\r\ntransfer-encoding:/i.test(head)) {
        socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      answer(socket, name as ShapeName);
    }
  });
  socket.on("error", () => {});
});

server.listen(0, "127.0.0.1", () => console.log((server.address() as net.AddressInfo).port));
