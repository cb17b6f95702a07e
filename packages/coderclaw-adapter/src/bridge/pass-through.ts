import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { errorFromNetwork } from "@vllm/schema/core";
import type { BridgeLogEntry } from "./log-entry.ts";
import type { UpstreamServer } from "./upstream-server.ts";

/** Headers that belong to one connection (RFC 9110, 7.6.1). */
const OF_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Headers of a request that the bridge sets itself, or has answered: the body is whole when it is sent on. */
const OWN = new Set(["host", "authorization", "content-length", "expect"]);
/** Methods for which no body is announced unless there is one. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/**
 * Sends a request on as it is and brings the answer back byte for byte, streams too. Fulfilled when the answer is over.
 *
 * @throws {VllmError} `INVALID_REQUEST` for a path that leads out of the upstream's, `SERVER_UNREACHABLE` when no answer came
 */
export async function passThrough(
  upstream: UpstreamServer,
  request: IncomingMessage,
  response: ServerResponse,
  entry: BridgeLogEntry,
  body: Buffer,
): Promise<void> {
  const authorization = upstream.authorizationFor(request.headers);
  const headers: string[] = authorization === undefined ? [] : ["authorization", authorization];
  for (const [name, value] of pairs(request.rawHeaders)) {
    const isDropped = OWN.has(name.toLowerCase()) || belongsToConnection(name, request.headers);
    if (!isDropped && upstream.forwards(name)) headers.push(name, value);
  }
  if (hasBody(request)) headers.push("content-length", String(body.length));
  const outgoing = upstream.request(request.url ?? "/", {
    method: request.method ?? "GET",
    headers: ["host", new URL(upstream.serverRoot).host, ...headers],
  });

  return new Promise((resolve, reject) => {
    response.once("close", () => outgoing.destroy());
    outgoing.on("error", (cause) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        resolve();
      } else reject(errorFromNetwork(cause, { url: upstream.serverRoot + entry.path }));
    });
    outgoing.once("response", (answer) => {
      const kept = pairs(answer.rawHeaders).filter(
        ([name]) => !belongsToConnection(name, answer.headers) && !response.hasHeader(name),
      );
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, kept.flat());
      response.flushHeaders();
      answer.once("error", () => {
        if (entry.ending === "ok") entry.ending = "STREAM_ENDED_EARLY";
      });
      // A broken answer must stay a broken one: pipeline destroys the response then.
      pipeline(answer, response, () => resolve());
    });
    outgoing.end(body);
  });
}

function hasBody({ method = "GET", headers }: IncomingMessage): boolean {
  const isFramed = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  return isFramed || !BODILESS.has(method);
}

function belongsToConnection(name: string, { connection = "" }: IncomingHttpHeaders): boolean {
  const lower = name.toLowerCase();
  if (OF_CONNECTION.has(lower)) return true;
  const named = connection.toLowerCase().split(",");
  return named.some((word) => word.trim() === lower);
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    found.push([rawHeaders[at] as string, rawHeaders[at + 1] as string]);
  return found;
}
