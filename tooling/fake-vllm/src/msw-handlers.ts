import { http, HttpResponse, type HttpHandler } from "msw";
import { failReply, isReplyFailure } from "./fail-reply.ts";
import { createFailing, toFailure } from "./failing.ts";
import type { Failure } from "./failure.ts";
import type { ReplyFailureKind } from "./fail-reply.ts";
import { isGeneration, toReceivedRequest, type ReceivedRequest } from "./received-request.ts";
import type { Reply } from "./reply.ts";
import type { Scenario } from "./scenario.ts";
import { toReadableStream } from "./to-readable-stream.ts";
import { createVllmBehaviour, defaultConfig } from "./vllm-behaviour.ts";

/** Failures that msw can show; the others need a socket (`startFakeVllm`). */
export type MswFailureKind = ReplyFailureKind | "refuse";

export interface VllmHandlersOptions {
  /** Address to answer for, with or without `/v1`, for example `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  /** The recorded server to imitate, `<version>/<config>`. Default: `0.32.0/lab`. */
  readonly config?: string | undefined;
  /** What chat requests are answered with. Default: `"demo"`. */
  readonly scenario?: Scenario | undefined;
  /** As `vllm serve --api-key`. */
  readonly apiKey?: string | undefined;
  /** Wait between two chunks of a body, in milliseconds. Default: 0. */
  readonly chunkDelayMs?: number | undefined;
  readonly fail?: (Failure & { readonly kind: MswFailureKind }) | MswFailureKind | undefined;
  /** Filled with every request, in order. */
  readonly requests?: ReceivedRequest[] | undefined;
}

/** msw request handlers that play recorded bytes of a real vLLM: `setupServer(...createVllmHandlers({ baseUrl }))`. */
export function createVllmHandlers(options: VllmHandlersOptions): HttpHandler[] {
  const serverRoot = options.baseUrl.replace(/(?<!\/)\/+$/, "").replace(/\/v1$/, "");
  const active = new Set<ReceivedRequest>();
  const behaviour = createVllmBehaviour({
    config: options.config ?? defaultConfig,
    scenario: options.scenario ?? "demo",
    apiKey: options.apiKey,
    countRunning: () => [...active].filter(isGeneration).length,
  });
  const failing = createFailing(toFailure(options.fail));

  async function resolve({ request }: { request: Request }): Promise<Response> {
    const url = new URL(request.url);
    const received = toReceivedRequest({
      method: request.method,
      path: url.pathname + url.search,
      headers: Object.fromEntries(request.headers),
      bodyText: await request.text(),
    });
    options.requests?.push(received);
    const failure = failing.next(received);
    if (failure?.kind === "refuse") return HttpResponse.error();
    const answer = behaviour.answer(received, failure !== undefined);
    const reply = failure && isReplyFailure(failure.kind) ? failReply(answer, failure.kind, failure) : answer;
    active.add(received);
    return toResponse(reply, request.signal, options.chunkDelayMs ?? 0, (how) => {
      received.finished = true;
      received.aborted = how === "client-left";
      active.delete(received);
      reply.onClosed?.(how);
    });
  }

  return [http.all(`${serverRoot}/*`, resolve)];
}

async function toResponse(
  reply: Reply,
  signal: AbortSignal,
  chunkDelayMs: number,
  onClosed: (how: "ended" | "client-left") => void,
): Promise<Response> {
  if (reply.status === 0) {
    const end = await reply.end;
    if (end === "silence")
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    onClosed(end === "silence" ? "client-left" : "ended");
    return HttpResponse.error();
  }
  // transfer-encoding stays: msw answers on the socket, and only with it is a cut body an error for the client.
  const headers = new Headers(reply.headers.map(([name, value]): [string, string] => [name, value]));
  const body = toReadableStream(reply, signal, chunkDelayMs, onClosed);
  return new HttpResponse(body, { status: reply.status, statusText: reply.reason, headers });
}
