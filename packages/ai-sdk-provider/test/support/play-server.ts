import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One answer to a chat. A list is a stream of events, bytes are sent as they are, any other object is one JSON value. */
export interface Played {
  status?: number;
  headers?: Record<string, string>;
  body: Uint8Array | readonly object[] | object;
  /** The connection is lost after the body, which then has no end. */
  isCut?: boolean;
  /** The answer has no end, and the connection stays. */
  isOpen?: boolean;
}

export interface PlayServer {
  baseUrl: string;
  /** What was asked, in order. */
  requests: { path: string; headers: Record<string, unknown>; body: Record<string, unknown> }[];
}

/** Answers each request with the next of its answers, the last one from then on. Closed after the test. */
export async function play(...answers: readonly Played[]): Promise<PlayServer> {
  const requests: PlayServer["requests"] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Record<string, unknown>;
    requests.push({ path: request.url ?? "", headers: request.headers, body });
    const answer = answers[Math.min(requests.length, answers.length) - 1] as Played;
    const isStream = answer.body instanceof Uint8Array || Array.isArray(answer.body);
    const type = isStream ? "text/event-stream; charset=utf-8" : "application/json";
    response.writeHead(answer.status ?? 200, { "content-type": type, ...answer.headers });
    if (answer.isCut === true) {
      response.flushHeaders();
      response.write(toBytes(answer.body), () => setTimeout(() => response.destroy(), 20));
    } else if (answer.isOpen === true) response.write(toBytes(answer.body));
    else response.end(toBytes(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests };
}

function toBytes(body: Played["body"]): Uint8Array | string {
  if (body instanceof Uint8Array) return body;
  if (!Array.isArray(body)) return JSON.stringify(body);
  return [...body.map((event) => `data: ${JSON.stringify(event)}\n\n`), "data: [DONE]\n\n"].join("");
}
