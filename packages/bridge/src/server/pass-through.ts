import type { IncomingMessage, ServerResponse } from "node:http";
import { displayUrl, errorFromNetwork, VllmError } from "@vllm/schema/core";
import { copyBytes } from "@vllm/transport/internal";
import type { HeaderLines, ResponseHead, TransportRequest } from "@vllm/transport/internal";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import { toUpstreamPath } from "../upstream/upstream-path.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";

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
const NOTHING = Buffer.alloc(0);
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
  body: Buffer<ArrayBuffer>,
  /** Headers besides those of the request. */
  added: HeaderLines = [],
): Promise<void> {
  const outgoing: TransportRequest = {
    ...toUpstreamRequest(upstream, request, added),
    body: hasBody(request) ? body : undefined,
    keepsEncoding: true,
  };
  let way: "over" | "stale";
  do way = await bring(upstream, outgoing, response, entry);
  while (way === "stale" && !response.destroyed);
}

/**
 * A request as vLLM shall get it, without its body.
 *
 * @throws {VllmError} `INVALID_REQUEST` for a path that leads out of the upstream's
 */
function toUpstreamRequest(
  upstream: UpstreamServer,
  request: IncomingMessage,
  added: HeaderLines = [],
): TransportRequest {
  const { origin, pathname } = new URL(upstream.serverRoot);
  const target = toUpstreamPath(pathname.replace(/\/$/, ""), request.url ?? "/");
  return {
    method: request.method ?? "GET",
    url: origin + target,
    target,
    headers: [...toUpstreamHeaders(request, upstream), ...added],
    connectMs: upstream.timeouts.connectMs,
  };
}

/** The same for an answer that is read here, and not only passed on. */
export function toReadableRequest(
  upstream: UpstreamServer,
  request: IncomingMessage,
  added: HeaderLines = [],
): TransportRequest {
  const outgoing = toUpstreamRequest(upstream, request, added);
  const lines = outgoing.headers as HeaderLines;
  return { ...outgoing, headers: lines.filter(([name]) => name.toLowerCase() !== "accept-encoding") };
}

function toUpstreamHeaders(request: IncomingMessage, upstream: UpstreamServer): HeaderLines {
  const { headers, rawHeaders } = request;
  const authorization = upstream.authorizationFor(headers);
  const kept = pairs(rawHeaders).filter(([name]) => {
    const isDropped = OWN.has(name.toLowerCase()) || belongsToConnection(name, headers.connection);
    return !isDropped && upstream.forwards(name);
  });
  return authorization === undefined ? kept : [["authorization", authorization], ...kept];
}

/** One try; `stale` when an idle connection to the upstream turned out to be dead. */
function bring(
  { transport, serverRoot }: UpstreamServer,
  outgoing: TransportRequest,
  response: ServerResponse,
  entry: BridgeLogEntry,
): Promise<"over" | "stale"> {
  const url = serverRoot + entry.path;
  return new Promise((resolve, reject) => {
    let hasHead = false;
    const exchange = transport(outgoing, {
      onHead(head) {
        writeHead(response, head, url);
        hasHead = true;
      },
      onBytes(block, start, end) {
        if (!response.write(copyBytes(block, start, end))) exchange.pause();
      },
      onEnd() {
        settle();
        response.end();
        resolve("over");
      },
      onError(error, wasReused) {
        settle();
        if (!hasHead && wasReused) resolve("stale");
        else if (!hasHead) reject(errorFromNetwork(error, { url }));
        else {
          if (entry.ending === "ok") entry.ending = "STREAM_ENDED_EARLY";
          // A broken answer must stay a broken one.
          response.destroy();
          resolve("over");
        }
      },
    });
    const onDrain = () => exchange.resume();
    const onClose = () => {
      settle();
      exchange.close();
      resolve("over");
    };
    const settle = () => response.off("drain", onDrain).off("close", onClose);
    response.on("drain", onDrain).once("close", onClose);
  });
}

/** @throws {VllmError} for what can be read and not be written, such as a control character in the reason */
function writeHead(response: ServerResponse, { status, statusText, lines, header }: ResponseHead, url: string): void {
  const connection = header("connection");
  const kept = lines().filter(([name]) => !belongsToConnection(name, connection) && !response.hasHeader(name));
  response.sendDate = false;
  try {
    // Node would keep a reason that it refuses to write, and refuse the error that is sent instead for it.
    response.writeHead(status, isWritable(statusText) ? statusText : "", kept.flat());
    // Sends the head at once. flushHeaders would write what is not ASCII as UTF-8.
    response.write(NOTHING);
  } catch (cause) {
    throw notPassable(url, cause);
  }
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

function belongsToConnection(name: string, connection = ""): boolean {
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
