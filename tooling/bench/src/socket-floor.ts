/**
 * The least that any program can do: a bare socket, and the text cut out of each event by what stood around it in the first one of its kind.
 * No HTTP parser, no checks, no errors; JSON only where that text has an escape or is not ASCII, and for events of another kind.
 */
import net from "node:net";
import type { RunStream } from "./request.ts";
import { feedChunk, MESSAGES, MODEL, withTools } from "./request.ts";
import type { Sink } from "./sink.ts";

interface Frame {
  before: string;
  after: string;
  tell: (sink: Sink, text: string) => void;
}

const KINDS: readonly (readonly [key: string, tell: Frame["tell"]])[] = [
  ['"content":"', (sink, text) => sink.text(text)],
  ['"reasoning":"', (sink, text) => sink.thinking(text)],
  ['"arguments":"', (sink, text) => sink.toolArguments(text)],
];
/** What the goals for CPU are measured against. */
export const SOCKET_FLOOR = "floor: socket";
const PLAIN = /^[ !#-[\]-~]*$/;

export function socketFloor(server: string): RunStream {
  const { hostname, port } = new URL(server);
  const idle: net.Socket[] = [];
  return (sink, shape) =>
    new Promise((resolve, reject) => {
      const socket = idle.pop() ?? net.connect({ host: hostname, port: Number(port), noDelay: true });
      const reader = new Reader(sink, () => {
        socket.removeAllListeners();
        idle.push(socket);
        resolve();
      });
      socket.on("error", reject).on("data", (bytes) => reader.push(bytes.toString("latin1")));
      const body = JSON.stringify({
        model: MODEL,
        messages: MESSAGES,
        stream: true,
        stream_options: { include_usage: true },
        ...withTools(shape),
      });
      socket.write(
        `POST /${shape}/v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
}

class Reader {
  private readonly sink: Sink;
  private readonly onEnd: () => void;
  private readonly frames: Frame[] = [];
  private rest = "";

  constructor(sink: Sink, onEnd: () => void) {
    this.sink = sink;
    this.onEnd = onEnd;
  }

  push(text: string): void {
    const all = this.rest === "" ? text : this.rest + text;
    let from = 0;
    for (;;) {
      const start = all.indexOf("data: ", from);
      const end = start < 0 ? -1 : all.indexOf("\n\n", start);
      if (end < 0) break;
      this.event(all.slice(start + 6, end));
      from = end + 2;
    }
    this.rest = all.slice(from);
    if (this.rest.endsWith("\r\n0\r\n\r\n")) this.onEnd();
  }

  private event(data: string): void {
    if (data === "[DONE]") return;
    for (const { before, after, tell } of this.frames) {
      const end = data.length - after.length;
      if (data.slice(0, before.length) !== before || data.slice(end) !== after) continue;
      const text = data.slice(before.length, end);
      if (text !== "") tell(this.sink, PLAIN.test(text) ? text : (JSON.parse(`"${toUtf8(text)}"`) as string));
      return;
    }
    feedChunk(this.sink, JSON.parse(toUtf8(data)));
    this.learn(data);
  }

  private learn(data: string): void {
    for (const [key, tell] of KINDS) {
      const start = data.indexOf(key) + key.length;
      if (start < key.length || data.includes('"role"') || data.includes('"id":"chatcmpl-tool')) continue;
      let end = start;
      while (data[end] !== '"') end += data[end] === "\\" ? 2 : 1;
      this.frames.push({ before: data.slice(0, start), after: data.slice(end), tell });
      return;
    }
  }
}

function toUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
