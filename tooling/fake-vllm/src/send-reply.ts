import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { ServerResponse } from "node:http";
import type { Reply } from "./reply.ts";

/**
 * Puts a reply on the wire as it was recorded: header order and case, one HTTP chunk per chunk, and its end.
 * `onBreak` is called before the connection is broken on purpose.
 */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  chunkDelayMs: number,
  onBreak: () => void,
): Promise<void> {
  if (reply.status !== 0) sendHead(response, reply);
  let isFirst = true;
  for await (const chunk of reply.chunks) {
    // Without a turn of the event loop between them, chunks would leave joined, and a client that left would not be noticed.
    if (!isFirst) await (chunkDelayMs > 0 ? delay(chunkDelayMs) : nextTurn());
    isFirst = false;
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  const end = await reply.end;
  if (end === "complete") response.end();
  if (end === "complete" || end === "silence") return;
  onBreak();
  await breakConnection(response, end);
}

function sendHead(response: ServerResponse, reply: Reply): void {
  response.sendDate = false;
  response.removeHeader("connection");
  response.writeHead(reply.status, reply.reason, reply.headers.flat());
  response.flushHeaders();
}

async function breakConnection(response: ServerResponse, how: "close" | "reset"): Promise<void> {
  const { socket } = response;
  if (!socket) return;
  if (how === "reset") {
    // What was written must have left before the reset throws it away.
    while (socket.writableLength > 0 && !socket.destroyed) await delay(1);
    await delay(5);
    socket.resetAndDestroy();
  } else {
    socket.destroySoon();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
