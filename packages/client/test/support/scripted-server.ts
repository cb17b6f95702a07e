import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { listen } from "./listen.ts";

/** One answer: its status and what it holds. A list is a stream of events, an object one JSON value. */
export interface ScriptedAnswer {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body: object | readonly object[];
  /**
   * How a stream ends. Default `done`: with `[DONE]`. `clean`: without it. `lost`: the connection breaks. `silent`: it stays open, and
   * nothing more comes.
   */
  ending?: "done" | "clean" | "lost" | "silent";
}

export interface ScriptedServer {
  baseUrl: string;
  /** Bodies of the requests, in order. */
  bodies: Record<string, unknown>[];
  /** Headers of the same requests. */
  headers: IncomingHttpHeaders[];
  /** Paths that were asked with GET, in order. */
  gets: string[];
  /** The status of every GET. */
  getStatus: number;
  getBody: string;
  /** Refuses new connections; those that are open stay. */
  stopListening: () => void;
  /** Closes those that are open, and takes new ones. */
  dropConnections: () => void;
  close: () => void;
}

/** Answers each request with the next of its answers, the last one from then on. Closed after the test. */
export async function serveScript(...answers: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    if (request.method === "GET") {
      scripted.gets.push(request.url ?? "");
      response.writeHead(scripted.getStatus).end(scripted.getBody);
      return;
    }
    const { bodies, headers } = scripted;
    headers.push(request.headers);
    bodies.push(JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>);
    send(response, answers[Math.min(bodies.length, answers.length) - 1] as ScriptedAnswer);
  });
  const { baseUrl, close } = await listen(server);
  const scripted: ScriptedServer = {
    baseUrl,
    bodies: [],
    headers: [],
    gets: [],
    getStatus: 200,
    getBody: "",
    dropConnections: () => server.closeAllConnections(),
    stopListening: () => void server.close(),
    close,
  };
  return scripted;
}

function send(response: ServerResponse, { status = 200, headers, body, ending = "done" }: ScriptedAnswer): void {
  if (!Array.isArray(body)) {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
    return;
  }
  response.writeHead(status, { "content-type": "text/event-stream", ...headers });
  response.flushHeaders();
  const text = body.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  if (ending === "done") response.end(`${text}data: [DONE]\n\n`);
  else if (ending === "clean") response.end(text);
  else if (ending === "silent") response.write(text);
  else response.write(text, () => setImmediate(() => response.destroy()));
}
