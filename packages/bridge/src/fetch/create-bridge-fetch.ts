import { createFetch } from "@vllm/transport";
import { VllmError } from "@vllm/schema/core";
import { answerChat } from "../chat/answer-chat.ts";
import { toErrorReply } from "../chat/error-reply.ts";
import { answerGuarded } from "../chat/guard/answer-guarded.ts";
import { isClaudeCode } from "../chat/guard/is-claude-code.ts";
import { findProtocol } from "../chat/guard/protocols.ts";
import type { WireProtocol } from "../chat/guard/wire-protocol.ts";
import { toPassedAffinity } from "../chat/passed-affinity.ts";
import { parseBody } from "../chat/parse-body.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import { writeLog } from "../options/write-log.ts";
import { createBridgedServers } from "./bridged-servers.ts";
import type { BridgeFetchOptions } from "./bridge-fetch-options.ts";
import { createFetchTarget } from "./fetch-target.ts";
import { toForwardedHeaders, toGuardedHeaders, toRedirectedHeaders } from "./forwarded-headers.ts";

/** One call of the fetch. The signal is the caller's own: Node's `Request` forgets to pass an abort on once it is collected. */
interface Call {
  request: Request;
  url: URL;
  signal: AbortSignal | undefined;
}

/**
 * The bridge inside a program, without a server: a `fetch` for clients that accept one (`new OpenAI({ fetch })`). `POST …/chat/completions`
 * is repaired, `…/v1/messages` and `…/v1/responses` are guarded as the server does it, and what goes wrong there is an HTTP response in the
 * route's own form; every other request passes through.
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
    const route = isPost(input, init) ? findRoute(url) : undefined;
    if (route === undefined && servers.only === undefined) return send(input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const call = { request: new Request(input, init), url, signal };
    // A body in an encoding is vLLM's to read.
    const isReadable = route?.protocol === undefined || !call.request.headers.has("content-encoding");
    return route !== undefined && isReadable ? answer(call, route, await call.request.text()) : passThrough(call);
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

  function answer(call: Call, { baseUrl, protocol }: Route, text: string): Promise<Response> {
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
      const { upstream, profiles } = servers.find(baseUrl);
      const requestHeader = (name: string) => request.headers.get(name) ?? undefined;
      const exchange = {
        options: { ...options, keepAliveMs: false as const },
        upstream,
        profiles,
        authorization: upstream.authorizationFor({ authorization: requestHeader("authorization") }),
        signal: controller.signal,
        target,
        passThrough: () => passThrough(call, text).then(target.respond, breakOff),
        entry,
      };
      if (protocol === undefined) {
        const headers = toForwardedHeaders(request.headers, upstream);
        return answerChat({ ...exchange, body: parseBody(text), requestHeader, headers });
      }
      const affinity = toPassedAffinity({ path: protocol.path, requestHeader, readText: () => text }, options);
      const outgoing = {
        method: "POST",
        url: servers.only === undefined ? url.href : toTarget(url, upstream.serverRoot),
        headers: [...toGuardedHeaders(request.headers, upstream), ...affinity],
        connectMs: upstream.timeouts.connectMs,
      };
      return answerGuarded({
        ...exchange,
        protocol,
        text,
        outgoing,
        isClaudeCode: isClaudeCode(requestHeader("user-agent")),
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
        if (target.hasLeft && (entry.ending === "ABORTED" || entry.ending === "ok")) entry.ending = "client left";
        writeLog(options.log, { ...entry, status: target.status, durationMs: performance.now() - startedAt });
      });
    return target.response;
  }
}

/** A request that is not merely passed on. */
interface Route {
  /** The base URL of the program's client. */
  baseUrl: string;
  /** Undefined: chat. */
  protocol: WireProtocol | undefined;
}

const CHAT = "/chat/completions";

function findRoute({ href, pathname }: URL): Route | undefined {
  // An empty path would resolve to the request's own address.
  const upTo = (end: string): string => new URL(pathname.slice(0, -end.length) || "/", href).href;
  if (pathname.endsWith(CHAT)) return { baseUrl: upTo(CHAT), protocol: undefined };
  const protocol = findProtocol((path) => pathname.endsWith(path));
  return protocol === undefined ? undefined : { baseUrl: upTo(protocol.path), protocol };
}

function toUrl(input: string | URL | Request): URL {
  const href = input instanceof Request ? input.url : String(input);
  return new URL(href, globalThis.location?.href);
}

function isPost(input: string | URL | Request, init: RequestInit | undefined): boolean {
  return (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase() === "POST";
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
