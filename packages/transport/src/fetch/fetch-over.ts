import { displayUrl, errorFromNetwork, VllmError, type Limits } from "@vllm/schema/core";
import { readBody } from "./read-body.ts";
import { followRedirect, isRedirect, type FetchRequest } from "./redirect.ts";
import { createBodyStream, toResponse, type BodyStream } from "./to-response.ts";
import { LimitExceeded } from "../exchange/limit-exceeded.ts";
import type { Transport } from "../exchange/transport.ts";

/** Headers that the transport writes itself. As in the Fetch standard, those of a caller are ignored. */
const OWN_HEADERS = [
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
];

/** Where the caller's signal is. A `Request` itself: Node's forgets to pass an abort on once it is collected. */
type Source = Pick<Request, "signal"> | { signal: AbortSignal | null };

/** What sends the requests, within which limits. */
interface FetchSender {
  transport: Transport;
  timeouts: { connectMs: number | false };
  limits: Limits;
  /** A body that breaks off says why in its message, where Node's `fetch` says "terminated": for callers who show it to people. */
  explainsBodies?: boolean | undefined;
}

/** The same over a transport that there is already. */
export function fetchOver(sender: FetchSender): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const source = toSource(input, init);
    source.signal?.throwIfAborted();
    try {
      const first = await toRequest(request, init?.body, source);
      return await send(sender, first, request.redirect, source);
    } catch (cause) {
      source.signal?.throwIfAborted();
      throw fetchFailed(cause, request.url);
    }
  };
}

function toSource(input: string | URL | Request, init: RequestInit | undefined): Source {
  if (init?.signal === undefined) return input instanceof Request ? input : { signal: null };
  return { signal: init.signal };
}

async function toRequest(request: Request, given: unknown, { signal }: Source): Promise<FetchRequest> {
  const { method, url } = request;
  const headers = new Headers(request.headers);
  for (const name of OWN_HEADERS) headers.delete(name);
  return { method, url: withoutHash(url), headers, body: await readBody(request, given, signal) };
}

async function send(
  sender: FetchSender,
  first: FetchRequest,
  redirect: RequestRedirect,
  source: Source,
): Promise<Response> {
  let request = first;
  for (let redirects = 0; ;) {
    source.signal?.throwIfAborted();
    const response = await exchange(sender, request, redirects > 0, source);
    // The server had closed an idle connection and saw nothing of the request.
    if (response === "stale") continue;
    if (redirect === "manual" || !isRedirect(response)) return response;
    response.body?.cancel().catch(() => {});
    redirects += 1;
    request = followRedirect(request, response, redirect, redirects);
  }
}

/** One try; `stale` when an idle connection turned out to be dead. */
function exchange(
  { transport, timeouts, limits, explainsBodies }: FetchSender,
  { method, url, headers, body }: FetchRequest,
  isRedirected: boolean,
  source: Source,
): Promise<Response | "stale"> {
  return new Promise((resolve, reject) => {
    let stream: BodyStream | undefined;
    let isJson = false;
    let length = 0;
    const onAbort = () => {
      open.close();
      reject(source.signal?.reason);
      stream?.error(source.signal?.reason);
    };
    const settle = () => source.signal?.removeEventListener("abort", onAbort);
    const open = transport(
      { method, url, headers: Object.fromEntries(headers), body, connectMs: timeouts.connectMs },
      {
        onHead(head) {
          isJson = head.header("content-type")?.toLowerCase().includes("json") === true;
          const body = createBodyStream({
            onPull: () => open.resume(),
            onCancel() {
              settle();
              open.close();
            },
          });
          // Throws for a status that no Response can have.
          resolve(toResponse(head, body, { method, url, isRedirected }));
          stream = body;
        },
        onBytes(block, start, end) {
          length += end - start;
          if (isJson && length > limits.answerBytes) throw new LimitExceeded("answerBytes", limits.answerBytes);
          if (stream?.write(block, start, end) === false) open.pause();
        },
        onEnd() {
          settle();
          stream?.end();
        },
        onError(error, wasReused) {
          settle();
          if (stream !== undefined) stream.error(terminated(error, url, explainsBodies === true));
          else if (wasReused) resolve("stale");
          else reject(error as Error);
        },
      },
    );
    source.signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** As every `fetch` rejects; what has happened is in the cause. */
function fetchFailed(cause: unknown, url: string): TypeError {
  return new TypeError("fetch failed", { cause: errorFromNetwork(cause, { url }) });
}

/** As Node's `fetch` ends a body that breaks off; explained where people see its message. */
function terminated(cause: unknown, url: string, isExplained: boolean): TypeError {
  const error = brokenBody(cause, url);
  return new TypeError(isExplained ? `${error.message} ${error.hint}` : "terminated", { cause: error });
}

/** What came is not an answer that failed, but one that is not whole. */
function brokenBody(cause: unknown, url: string): VllmError {
  const error = errorFromNetwork(cause, { url });
  if (error === cause || error.reason !== "reset") return error;
  return new VllmError({
    code: "STREAM_ENDED_EARLY",
    message: `The connection was lost before the answer was whole (${displayUrl(url)}).`,
    hint: "The server or a proxy in front of it went away: ask again, and if it happens again, look at their logs.",
    isRetryable: true,
    url: displayUrl(url),
    cause,
  });
}

function withoutHash(url: string): string {
  const at = url.indexOf("#");
  return at === -1 ? url : url.slice(0, at);
}
