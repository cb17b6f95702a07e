import type { ServerResponse } from "node:http";
import type { AnswerTarget } from "../chat/answer-target.ts";
import { createBodyWriter } from "./body-writer.ts";

/** Node's response, for answers of either kind. */
export function createResponseTarget(response: ServerResponse): AnswerTarget {
  return {
    get isOver() {
      return response.destroyed || response.writableEnded;
    },
    stream: (head) => createBodyWriter(response, head),
    whole(status, headers, text) {
      if (response.headersSent || response.destroyed) return;
      response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
      response.end(text);
    },
    json: (status, headers, value) => sendJson(response, status, headers, value),
  };
}

/** One JSON answer, if the client is still there. */
export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  value: object,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
