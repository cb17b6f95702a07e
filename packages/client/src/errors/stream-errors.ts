import { displayUrl, VllmError, type VllmErrorCode } from "@vllm/schema/core";
import type { FailureReason } from "../stream/finish-reason.ts";

/** What is known about the request when its stream fails. */
export interface StreamContext {
  url: string;
  requestId?: string | undefined;
}

export function endedEarly(context: StreamContext, cause?: unknown): VllmError {
  const how = cause === undefined ? "The body ended" : "The connection was lost";
  return new VllmError({
    code: "STREAM_ENDED_EARLY",
    message: `${how} before the answer had a finish reason (${displayUrl(context.url)}).`,
    hint: "The server or a proxy in front of it went away: ask again, and if it happens again, look at their logs.",
    isRetryable: true,
    ...facts(context),
    cause,
  });
}

/** The server says that the answer is over, and not how it ended. */
export function endedWithoutReason(context: StreamContext): VllmError {
  return new VllmError({
    code: "STREAM_ENDED_EARLY",
    message: `${displayUrl(context.url)} ended the answer without a finish reason, and not everything in it is complete.`,
    hint: "Ask again. vLLM always sends a finish reason: if it happens with every answer, a gateway in front of it drops it, so ask vLLM directly to compare (baseUrl).",
    isRetryable: true,
    ...facts(context),
  });
}

export function notAnAnswer(context: StreamContext, contentType: string | undefined, isEmpty: boolean): VllmError {
  const what = isEmpty ? "an empty body" : "something that is no chat answer";
  const type = contentType === undefined ? "no content type" : `content type ${contentType}`;
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `${displayUrl(context.url)} answered 200 with ${what} (${type}).`,
    hint: "Something other than vLLM answers there (a proxy's page, another service): check the address (baseUrl); it ends in /v1.",
    ...facts(context),
    status: 200,
  });
}

/** Sent on, a request could end up with another server, key and all; and most redirects are a baseUrl that is not quite right. */
export function redirected(context: StreamContext, status: number, location = ""): VllmError {
  const target =
    location !== "" && URL.canParse(location, context.url)
      ? displayUrl(new URL(location, context.url).href)
      : undefined;
  const root = target?.replace(/\/(?:chat\/completions|models|tokenize|detokenize)\/?$/, "");
  return new VllmError({
    code: "WRONG_BASE_URL",
    message: `${displayUrl(context.url)} redirects${target === undefined ? "" : ` to ${target}`} (${status}), and the client does not follow.`,
    hint:
      root === undefined
        ? "Use the address it redirects to (baseUrl)."
        : `If that is the right server, use its address (baseUrl): ${root}`,
    status,
    ...facts(context),
  });
}

export function malformedEvent(context: StreamContext, cause?: unknown): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `An event in the stream from ${displayUrl(context.url)} is not a JSON object.`,
    hint: "A proxy in between may have changed the stream: ask the server directly to compare (baseUrl).",
    ...facts(context),
    cause,
  });
}

export function malformedAnswer(context: StreamContext): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The answer of ${displayUrl(context.url)} is not JSON.`,
    hint: "A proxy in between may have changed the answer: ask the server directly to compare (baseUrl).",
    ...facts(context),
  });
}

export function noExpectedChoice(context: StreamContext): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The answer of ${displayUrl(context.url)} has only choices that the request did not ask for (their index is not below n).`,
    hint: "A gateway in between may number the choices in its own way: ask the server directly to compare (baseUrl).",
    ...facts(context),
  });
}

const FAILURES: Readonly<Record<FailureReason, { code: VllmErrorCode; said: string; hint: string }>> = {
  abort: {
    code: "ENGINE_FAILED",
    said: "vLLM gave the request up in the middle of the answer",
    hint: "An engine of the server died or the server is going down: look at its log.",
  },
  error: {
    code: "SERVER_ERROR",
    said: "The server failed in the middle of the answer",
    hint: "Ask again. If it happens again, look at the log of the server, or of the gateway in front of it.",
  },
  network_error: {
    code: "STREAM_ENDED_EARLY",
    said: "A gateway lost its connection to the server in the middle of the answer",
    hint: "Ask again. If it happens again, look at the gateway's log, or ask the server directly (baseUrl).",
  },
};

/** The server ended the answer with a word that reports a failure. */
export function reportedFailure(context: StreamContext, reason: FailureReason): VllmError {
  const { code, said, hint } = FAILURES[reason];
  return new VllmError({
    code,
    message: `${said} (finish reason "${reason}").`,
    hint,
    isRetryable: true,
    ...facts(context),
  });
}

export function noFirstToken(context: StreamContext, waitedMs: number, hadHead: boolean): VllmError {
  const seen = hadHead ? "the server answered 200 and then stayed silent" : "the server did not answer";
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    message: `No first token came within ${formatDuration(waitedMs)}: ${seen} (${displayUrl(context.url)}).`,
    hint: "A queued request, a paused or a sleeping server look like this: see vllm:num_requests_waiting in its /metrics, and /is_sleeping. If it is only a long prompt, allow more time (timeouts.firstTokenMs).",
    isRetryable: true,
    ...facts(context),
  });
}

/** The server had answered 200, and the connection was closed before anything else came. */
export function closedInSilence(context: StreamContext, silentMs: number): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    reason: "proxy-timeout",
    message: `The connection was closed after ${formatDuration(silentMs)} without a byte (${displayUrl(context.url)}): by a proxy's read timeout, as it looks.`,
    hint: "The request was queued, or its prompt is long. Raise the read timeout of the proxy (nginx: proxy_read_timeout 3600s; haproxy: timeout server 1h; vllm-router: --request-timeout-secs 7200), or send fewer requests at once.",
    isRetryable: true,
    ...facts(context),
  });
}

/** @param status of `/health`; absent when the connection was refused */
export function silentlyGone(context: StreamContext, status: number | undefined): VllmError {
  const saw = status === undefined ? "refuses new connections" : `is not healthy (${status} from /health)`;
  return new VllmError({
    code: "ENGINE_FAILED",
    reason: "shutting-down",
    message: `The server is shutting down: it has gone silent in this answer and ${saw} (${displayUrl(context.url)}).`,
    hint: "Ask again when it is back, or right away through a router with another server. Start vLLM with --shutdown-timeout 60, and it finishes its answers before it ends.",
    isRetryable: true,
    ...facts(context),
    status,
  });
}

export function idleTooLong(context: StreamContext, waitedMs: number): VllmError {
  return new VllmError({
    code: "STREAM_IDLE_TIMEOUT",
    message: `The stream from ${displayUrl(context.url)} went silent: no byte came for ${formatDuration(waitedMs)}.`,
    hint: "The server or the network is stuck: look at the server's log, then ask again. If it is only slow, allow more time (timeouts.idleMs), or start vLLM with --sse-keep-alive-interval <seconds>.",
    isRetryable: true,
    ...facts(context),
  });
}

/** Servers were waited for, to go on with an answer that `loss` had ended. */
export function waitedInVain(loss: VllmError, waitedMs: number): VllmError {
  const { code, reason, url, requestId, status, isRetryable } = loss;
  return new VllmError({
    code,
    reason,
    message: `${loss.message} No server came back within ${formatDuration(waitedMs)} to go on with the answer.`,
    hint: "See why it does not answer: npx @vllm/connect doctor. If its restart takes longer than that, let the client wait longer (resume: { waitMs: 300000 }).",
    isRetryable,
    url,
    requestId,
    status,
    cause: loss,
  });
}

function facts({ url, requestId }: StreamContext): { url: string; requestId: string | undefined } {
  return { url: displayUrl(url), requestId };
}

export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Math.round(milliseconds / 100) / 10} s`;
  return `${Math.round(milliseconds / 6000) / 10} min`;
}
