import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { errorFromNetwork } from "@vllm/schema/core";
import type { BridgeLogEntry } from "./log-entry.ts";
import type { UpstreamServer } from "./upstream-server.ts";

/** Headers that belong to one connection (RFC 9110, 7.6.1), and what the bridge sets itself. */
const OWN = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "authorization",
]);

/**
 * Sends a request on as it is and brings the answer back byte for byte, streams too. Fulfilled when the answer is over.
 *
 * @throws {VllmError} `SERVER_UNREACHABLE` when no answer came
 */
export function passThrough(
  upstream: UpstreamServer,
  request: IncomingMessage,
  response: ServerResponse,
  entry: BridgeLogEntry,
  body?: Buffer,
): Promise<void> {
  const url = toUpstreamUrl(upstream, request.url ?? "/");
  const authorization = upstream.authorizationFor(request.headers);
  const headers: string[] = authorization === undefined ? [] : ["authorization", authorization];
  for (const [name, value] of pairs(request.rawHeaders)) {
    // A body that was read already has one length, however it came.
    const isLength = body !== undefined && name.toLowerCase() === "content-length";
    if (!isOwn(name, request.headers.connection) && !isLength) headers.push(name, value);
  }
  if (body !== undefined) headers.push("content-length", String(body.length));
  else if (request.headers["transfer-encoding"] !== undefined) headers.push("transfer-encoding", "chunked");

  return new Promise((resolve, reject) => {
    const outgoing = upstream.request(url, {
      method: request.method ?? "GET",
      headers: ["host", url.host, ...headers],
    });
    response.once("close", () => outgoing.destroy());
    outgoing.on("error", (cause) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        resolve();
      } else reject(errorFromNetwork(cause, { url: url.href }));
    });
    outgoing.once("response", (answer) => {
      const kept = pairs(answer.rawHeaders).filter(
        ([name]) => !isOwn(name, answer.headers.connection) && !response.hasHeader(name),
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
    if (body === undefined) request.pipe(outgoing);
    else outgoing.end(body);
  });
}

function toUpstreamUrl({ apiRoot, serverRoot }: UpstreamServer, path: string): URL {
  const isApi = path === "/v1" || path.startsWith("/v1/") || path.startsWith("/v1?");
  return new URL(isApi ? `${apiRoot}${path.slice(3)}` : `${serverRoot}${path}`);
}

function isOwn(name: string, connection: string | undefined): boolean {
  const lower = name.toLowerCase();
  return (
    OWN.has(lower) ||
    (connection ?? "")
      .toLowerCase()
      .split(/\s*,\s*/)
      .includes(lower)
  );
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    found.push([rawHeaders[at] as string, rawHeaders[at + 1] as string]);
  return found;
}
