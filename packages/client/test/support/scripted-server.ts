import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One answer: its status and what it holds. A list is a stream of events, an object one JSON value. */
export interface ScriptedAnswer {
  status?: number;
  body: object | readonly object[];
}

export interface ScriptedServer {
  baseUrl: string;
  /** Bodies of the requests, in order. */
  bodies: Record<string, unknown>[];
}

/** Answers each request with the next of its answers, the last one from then on. Closed after the test. */
export async function serveScript(...answers: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    bodies.push(JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>);
    const { status = 200, body } = answers[Math.min(bodies.length, answers.length) - 1] as ScriptedAnswer;
    if (Array.isArray(body)) {
      response.writeHead(status, { "content-type": "text/event-stream" });
      for (const event of body) response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.end("data: [DONE]\n\n");
    } else {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, bodies };
}
