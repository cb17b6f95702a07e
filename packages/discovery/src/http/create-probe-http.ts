import { DEFAULT_LIMITS, errorFromNetwork, VllmError } from "@vllm/schema/core";
import { isDeeperThan } from "@vllm/schema/internal";
import type { Limits } from "@vllm/schema/core";
import { createFetch } from "@vllm/transport";
import type { Logger, TlsOptions } from "@vllm/transport";
import { readText } from "@vllm/transport/internal";
import { escapeUnsafe } from "../text/safe-text.ts";
import { beforeAbort } from "./before-abort.ts";
import type { ProbeOutcome } from "./probe-outcome.ts";

export interface ProbeHttpOptions {
  /** Sent as `X-Session-ID`: all questions of a probe go to one server of a fleet, for their answers are put together. */
  session?: string | undefined;
  /** Headers of every question, unless that says `withCredentials: false`. */
  credentials?: Readonly<Record<string, string>> | undefined;
  fetch?: typeof fetch | undefined;
  tls?: TlsOptions | undefined;
  proxy?: string | false | undefined;
  logger?: Logger | undefined;
  /** The caller's own signal. */
  signal?: AbortSignal | undefined;
  /** Ends every question at the same moment. */
  deadline: AbortSignal;
  limits?: Limits | undefined;
}

export interface Question {
  method?: "GET" | "POST" | undefined;
  json?: unknown;
  /** False asks without the key and the extra headers. */
  withCredentials?: boolean | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Bytes of the body that are read at most. */
  limit?: number | undefined;
  /** A deadline of its own, in ms, for a question that the others should not wait for. */
  limitMs?: number | undefined;
}

export interface ProbeHttp {
  /** Asks one question. Every failure is an outcome; nothing is thrown. */
  ask(url: string, question?: Question): Promise<ProbeOutcome>;
}

const MAX_REDIRECTS = 3;

/**
 * The only place of this package that touches the network.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a proxy that is none, and for `tls` and `proxy` where our own HTTP does not do the work
 */
export function createProbeHttp(options: ProbeHttpOptions): ProbeHttp {
  const { deadline, signal: callerSignal, credentials = {}, limits = DEFAULT_LIMITS, tls, proxy, logger } = options;
  const signal = callerSignal === undefined ? deadline : AbortSignal.any([deadline, callerSignal]);
  // Also around the caller's own: chats reach the server in this way, too.
  const fetch = createFetch({ fetch: options.fetch, tls, proxy, logger, limits });
  // ky makes a Request while it loads, which costs a program time that may never look at a server.
  const loading = import("ky");

  async function ask(url: string, question: Question = {}): Promise<ProbeOutcome> {
    const own = question.limitMs === undefined ? undefined : AbortSignal.timeout(question.limitMs);
    const stop = own === undefined ? signal : AbortSignal.any([signal, own]);
    const start = performance.now();
    const ms = () => Math.round((performance.now() - start) * 100) / 100;
    let hasHead = false;
    try {
      let target = url;
      for (let redirects = 0; ; redirects += 1) {
        const response = await beforeAbort(stop, send(target, question, stop));
        hasHead = true;
        const location = redirectTarget(response, target);
        if (location !== undefined) {
          response.body?.cancel().catch(() => {});
          const isHome = URL.canParse(location) && new URL(location).origin === new URL(url).origin;
          if (isHome && redirects < MAX_REDIRECTS) {
            target = location;
            continue;
          }
          return { kind: "redirect", status: response.status, location: escapeUnsafe(location), isHome, ms: ms() };
        }
        const limit = response.status >= 400 ? limits.errorBytes : (question.limit ?? limits.auxiliaryBytes);
        const { text, isTruncated } = await beforeAbort(stop, readText(response, limit));
        const headers = Object.fromEntries(response.headers);
        const isTooDeep = isDeeperThan(text, limits.nesting);
        return { kind: "answer", status: response.status, headers, body: text, isTruncated, isTooDeep, ms: ms() };
      }
    } catch (error) {
      if (callerSignal?.aborted === true) return { kind: "aborted", ms: ms() };
      if (stop.aborted) return { kind: "timeout", hasHead, ms: ms() };
      return { kind: "network", error: errorFromNetwork(withoutRequest(error), { url }), ms: ms() };
    }
  }

  async function send(url: string, question: Question, stop: AbortSignal): Promise<Response> {
    const { default: ky } = await loading;
    return ky(url, {
      method: question.method ?? "GET",
      headers: {
        ...(options.session === undefined ? {} : { "x-session-id": options.session }),
        ...(question.withCredentials === false ? {} : credentials),
        ...question.headers,
      },
      ...(question.json === undefined ? {} : { json: question.json }),
      fetch,
      signal: stop,
      redirect: "manual",
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
    });
  }

  return { ask };
}

/** ky's own error holds the request, and with it the key. */
function withoutRequest(error: unknown): unknown {
  return error instanceof Error && "request" in error && error.cause !== undefined ? error.cause : error;
}

function redirectTarget(response: Response, from: string): string | undefined {
  if (response.type === "opaqueredirect") return "";
  const location = response.headers.get("location");
  // What a browser hides of a redirect.
  if (response.status === 307 && location === null) return "";
  if (response.status < 300 || response.status > 399 || location === null) return undefined;
  return URL.canParse(location, from) ? new URL(location, from).href : location;
}

export function aborted(cause: unknown): VllmError {
  return new VllmError({
    code: "ABORTED",
    message: "The discovery was stopped by its caller.",
    hint: "Nothing to do: the signal that was passed asked for it.",
    cause,
  });
}
