import { errorFromNetwork, parseLimits, type LimitOptions, type Limits } from "@vllm/schema/core";
import { copyBytes } from "./byte-block.ts";
import { createTransport, type TransportOptions } from "./create-transport.ts";
import { LimitExceeded } from "./limit-exceeded.ts";
import type { Exchange, ResponseHead, Transport, TransportRequest } from "./transport.ts";

/** Limit for a new connection, in ms. */
const CONNECT_MS = 10_000;
const WITHOUT_BODY = new Set([204, 205, 304]);

export interface CreateFetchOptions extends Omit<TransportOptions, "limits"> {
  /** How large an answer may be. */
  limits?: LimitOptions | undefined;
}

/** What sends the requests, within which limits. */
interface FetchSender {
  transport: Transport;
  timeouts: { connectMs: number | false };
  limits: Limits;
}

/**
 * `fetch` over our own transport, for libraries that take one. Redirects are not followed. A JSON answer, which such libraries read
 * whole, may be as large as one of a chat.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createFetch(options: CreateFetchOptions = {}): typeof globalThis.fetch {
  const limits = parseLimits(options.limits);
  return fetchOver({ transport: createTransport({ ...options, limits }), timeouts: { connectMs: CONNECT_MS }, limits });
}

/** The same over a transport that there is already. */
export function fetchOver({ transport, timeouts, limits }: FetchSender): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const { connectMs } = timeouts;
    for (;;) {
      request.signal.throwIfAborted();
      const response = await send(transport, limits, { method, url, headers, body, connectMs }, request.signal);
      if (response !== "stale") return response;
    }
  };
}

/** One try; `stale` when an idle connection turned out to be dead. */
function send(
  transport: Transport,
  { answerBytes }: Limits,
  request: TransportRequest,
  signal: AbortSignal,
): Promise<Response | "stale"> {
  return new Promise((resolve, reject) => {
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isJson = false;
    let length = 0;
    const onAbort = () => {
      exchange.close();
      reject(signal.reason);
      stream?.error(signal.reason);
    };
    const settle = () => signal.removeEventListener("abort", onAbort);
    const exchange: Exchange = transport(request, {
      onHead(head) {
        isJson = head.header("content-type")?.toLowerCase().includes("json") === true;
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => void (stream = controller),
          pull: () => exchange.resume(),
          cancel() {
            settle();
            exchange.close();
          },
        });
        resolve(toResponse(head, body));
      },
      onBytes(block, start, end) {
        length += end - start;
        if (isJson && length > answerBytes) throw new LimitExceeded("answerBytes", answerBytes);
        stream?.enqueue(copyBytes(block, start, end));
        if ((stream?.desiredSize ?? 1) <= 0) exchange.pause();
      },
      onEnd() {
        settle();
        stream?.close();
      },
      onError(error, wasReused) {
        settle();
        if (stream !== undefined) stream.error(error);
        else if (wasReused) resolve("stale");
        else reject(errorFromNetwork(error, { url: request.url }));
      },
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function toResponse({ status, headers }: ResponseHead, body: ReadableStream<Uint8Array>): Response {
  const named = new Headers([...headers].map(([name, value]): [string, string] => [name, value]));
  // What the transport has undone already.
  named.delete("content-encoding");
  return new Response(WITHOUT_BODY.has(status) ? null : body, { status, headers: named });
}
