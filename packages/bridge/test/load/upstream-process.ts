/** Plays vLLM to many streams at once, on raw sockets so that it costs little. Forked by `run-load.ts`. */
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { clock } from "./clock.ts";
import { endWithParent } from "./usage.ts";

endWithParent();

const [streams = 200, tokensEach = 200, perSecond = 20] = process.argv.slice(2).map(Number);
const STAMP_LENGTH = 15;
const joined: Socket[] = [];

const eventWith = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish, token_ids: null }] })}\n\n`;
const chunkOf = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const [before = "", after = ""] = chunkOf(eventWith({ content: ` ${"0".repeat(STAMP_LENGTH)}` })).split(
  "0".repeat(STAMP_LENGTH),
);
const USAGE = `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage: { prompt_tokens: 9, completion_tokens: tokensEach, total_tokens: 9 + tokensEach } })}\n\n`;
const END = `${chunkOf(eventWith({}, "stop"))}${chunkOf(USAGE)}${chunkOf("data: [DONE]\n\n")}0\r\n\r\n`;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

function json(status: string, value: object): string {
  const text = JSON.stringify(value);
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

const MODELS = {
  object: "list",
  data: [{ id: "m", object: "model", owned_by: "vllm", root: "m", parent: null, max_model_len: 32_768 }],
};

function answer(socket: Socket, head: string): void {
  if (head.startsWith("GET /v1/models ")) socket.write(json("200 OK", MODELS));
  else if (head.startsWith("GET /version ")) socket.write(json("200 OK", { version: "0.32.0" }));
  else if (!head.startsWith("POST /v1/chat/completions ")) socket.write(json("404 Not Found", { detail: "Not Found" }));
  else {
    socket.write(HEAD + chunkOf(eventWith({ role: "assistant", content: "" })));
    joined.push(socket);
    if (joined.length === streams) play(joined.splice(0));
  }
}

/** Each stream has a token due every 1/perSecond, the streams spread evenly over that time. */
function play(sockets: readonly Socket[]): void {
  const begin = clock() + 300_000;
  const stepMicroseconds = 1e6 / perSecond / streams;
  const total = streams * tokensEach;
  let index = 0;
  process.send?.({ begin: true });
  const tick = () => {
    for (; index < total && begin + index * stepMicroseconds <= clock(); index += 1) {
      sockets[index % streams]?.write(`${before}${String(Math.floor(clock())).padStart(STAMP_LENGTH, "0")}${after}`);
    }
    if (index < total) setTimeout(tick, 1);
    else {
      process.send?.({ end: true });
      // What is measured ends before the ends of the answers.
      setTimeout(() => sockets.forEach((socket) => socket.write(END)), 300);
    }
  };
  setTimeout(tick, 300);
}

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = "";
  socket.setEncoding("latin1").on("data", (bytes: string) => {
    waiting += bytes;
    for (let end = waiting.indexOf("\r\n\r\n"); end !== -1; end = waiting.indexOf("\r\n\r\n")) {
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(waiting.slice(0, end))?.[1] ?? 0);
      if (waiting.length < end + 4 + length) return;
      const head = waiting.slice(0, end);
      waiting = waiting.slice(end + 4 + length);
      answer(socket, head);
    }
  });
  socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
