import { createFetch } from "@vllm/transport";
import { VllmError } from "@vllm/schema/core";
import { answerChat } from "../chat/answer-chat.ts";
import { toErrorReply } from "../chat/error-reply.ts";
import { parseBody } from "../chat/parse-body.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import { writeLog } from "../options/write-log.ts";
import { createBridgedServers } from "./bridged-servers.ts";
import type { BridgeFetchOptions } from "./bridge-fetch-options.ts";
import { createFetchTarget } from "./fetch-target.ts";
import { toForwardedHeaders, toRedirectedHeaders } from "./forwarded-headers.ts";

/** One call of the fetch. The signal is the caller's own: Node's `Request` forgets to pass an abort on once it is collected. */
interface Call {
  request: Request;
  url: URL;
  signal: AbortSignal | undefined;
}

/**
 * The bridge inside a program, without a server: a `fetch` for clients that accept one (`new OpenAI({ fetch })`). `POST …/chat/completions`
 * is repaired as the server does it, and what goes wrong there is an HTTP response in vLLM's form; every other request passes through.
 * Rejects with the signal's own reason on abort.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createBridgeFetch(options: BridgeFetchOptions = {}): typeof globalThis.fetch {
  const { tls, proxy, limits, logger } = options;
  const servers = createBridgedServers(options);
  const send = options.fetch ?? createFetch({ tls, proxy, limits, logger });

  return async (input, init) => {
    const url = toUrl(input);
    const isChat = isPost(input, init) && url.pathname.endsWith(CHAT);
    if (!isChat && servers.only === undefined) return send(input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const call = { request: new Request(input, init), url, signal };
    return isChat ? answer(call, await call.request.text()) : passThrough(call);
  };

  /** `body`: the request's, where it has been read. */
  function passThrough({ request, url, signal }: Call, body?: string): Promise<Response> {
    const { only } = servers;
    const headers =
      only === undefined ? new Headers(request.headers) : toRedirectedHeaders(request.headers, only.upstream);
    const target = only === undefined ? url.href : toTarget(url, only.upstream.serverRoot);
    if (body !== undefined) return send(target, { method: "POST", headers, body, signal: signal ?? null });
    return send(new Request(target, request), { headers, signal: signal ?? null });
  }

  function answer(call: Call, text: string): Promise<Response> {
    const { request, url, signal } = call;
    const controller = new AbortController();
    const target = createFetchTarget(() => controller.abort());
    const onAbort = () => {
      target.abort(signal?.reason);
      controller.abort(signal?.reason);
    };
    const startedAt = performance.now();
    const entry = toEntry(url);

    async function respond(): Promise<void> {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", onAbort, { once: true });
      const { upstream, profiles } = servers.find(toBaseUrl(url));
      await answerChat({
        options: { ...options, keepAliveMs: false },
        upstream,
        profiles,
        body: parseBody(text),
        authorization: upstream.authorizationFor({ authorization: request.headers.get("authorization") ?? undefined }),
        requestHeader: (name) => request.headers.get(name) ?? undefined,
        headers: toForwardedHeaders(request.headers, upstream),
        signal: controller.signal,
        target,
        passThrough: () => passThrough(call, text).then(target.respond, breakOff),
        entry,
      });
    }

    function breakOff(error: unknown): void {
      entry.ending = codeOf(error);
      target.abort(error);
    }

    function refuse(error: unknown): void {
      entry.ending = codeOf(error);
      if (signal?.aborted === true) return target.abort(signal.reason);
      const reply = toErrorReply(error);
      target.json(reply.status, reply.headers, reply.body);
    }

    void respond()
      .catch(refuse)
      .finally(() => {
        signal?.removeEventListener("abort", onAbort);
        if (target.hasLeft && entry.ending === "ABORTED") entry.ending = "client left";
        writeLog(options.log, { ...entry, status: target.status, durationMs: performance.now() - startedAt });
      });
    return target.response;
  }
}

const CHAT = "/chat/completions";

function toUrl(input: string | URL | Request): URL {
  const href = input instanceof Request ? input.url : String(input);
  return new URL(href, globalThis.location?.href);
}

function isPost(input: string | URL | Request, init: RequestInit | undefined): boolean {
  return (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase() === "POST";
}

/** The base URL of the program's client. */
function toBaseUrl({ href, pathname }: URL): string {
  return new URL(pathname.slice(0, -CHAT.length), href).href;
}

/** A request for another server, at the one that is asked instead. */
function toTarget(url: URL, serverRoot: string): string {
  return url.href.startsWith(`${serverRoot}/`) ? url.href : serverRoot + url.pathname + url.search;
}

/** A fetch rejects with a `TypeError` that has the real error as its cause. */
function codeOf(error: unknown): string {
  const cause = error instanceof TypeError ? error.cause : error;
  return VllmError.isInstance(cause) ? cause.code : "SERVER_ERROR";
}

function toEntry({ pathname }: URL): BridgeLogEntry {
  return { at: Date.now(), method: "POST", path: pathname, status: 0, durationMs: 0, changes: [], ending: "ok" };
}
