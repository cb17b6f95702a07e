import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { displayUrl, VllmError } from "@vllm/schema/core";
import { sendUpstream } from "./ask-upstream.ts";
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
 * @throws {VllmError} `INVALID_REQUEST` for a path that leads out of the upstream's, `SERVER_UNREACHABLE` when no answer came,
 * `STREAM_MALFORMED` when its head cannot be passed on
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

  response.once("close", () => outgoing.destroy());
  const url = upstream.serverRoot + entry.path;
  const answer = await sendUpstream(outgoing, url, body);
  try {
    writeHead(response, answer);
  } catch (cause) {
    outgoing.destroy();
    throw notPassable(url, cause);
  }
  answer.once("error", () => {
    if (entry.ending === "ok") entry.ending = "STREAM_ENDED_EARLY";
  });
  // A broken answer must stay a broken one: pipeline destroys the response then.
  await new Promise<void>((resolve) => pipeline(answer, response, () => resolve()));
}

/** Throws for what Node reads but refuses to write, such as the status 099. */
function writeHead(response: ServerResponse, answer: IncomingMessage): void {
  const kept = pairs(answer.rawHeaders).filter(
    ([name]) => !belongsToConnection(name, answer.headers) && !response.hasHeader(name),
  );
  response.sendDate = false;
  const { statusCode = 502, statusMessage = "" } = answer;
  // Node would keep a reason that it refuses to write, and refuse the error that is sent instead for it.
  response.writeHead(statusCode, isWritable(statusMessage) ? statusMessage : "", kept.flat());
  response.flushHeaders();
}

function isWritable(reason: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(reason);
}

function notPassable(url: string, cause: unknown): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The head of the answer from ${displayUrl(url)} is not valid HTTP.`,
    hint: "Something other than vLLM may answer there: check the address of the upstream.",
    cause,
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
