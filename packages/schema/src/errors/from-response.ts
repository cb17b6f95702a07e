import { printable } from "../text/printable.ts";
import { displayUrl } from "../text/display-url.ts";
import type { ErrorBody } from "./error-body.ts";
import type { ErrorContext } from "./error-context.ts";
import { readErrorBody, readErrorValue } from "./error-body.ts";
import { redact } from "./redact.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { byStatus } from "./rules/by-status.ts";
import { RULES } from "./rules/index.ts";
import type { Answer } from "./rules/rule.ts";
import { whichRouter } from "./which-router.ts";
import { VllmError } from "./vllm-error.ts";

/** The parts of an HTTP answer an error is made of. */
export interface ErrorAnswer {
  status: number;
  contentType?: string | undefined;
  bodyText: string;
  /** The `Retry-After` header. */
  retryAfter?: string | undefined;
  /** The `Server` header: which proxy answered. */
  server?: string | undefined;
  /** The `WWW-Authenticate` header. */
  authenticate?: string | undefined;
}

/**
 * An HTTP answer with an error status → the right code, with the numbers, the ids and the flag to set.
 * The status line is believed, not the body's `code`; for a status below 300 with an error in the body it is the other way round.
 */
export function errorFromResponse(answer: ErrorAnswer, context: ErrorContext): VllmError {
  const body = readErrorBody(answer.bodyText);
  const status = answer.status < 300 ? (body.code ?? 500) : answer.status;
  return classify({ body, status, httpStatus: answer.status, isStream: false, context }, answer);
}

/**
 * An error event inside a stream with status 200. Its own `code` lies at times (a dead engine says 400 in old versions), so the words
 * are looked at first. The error has no `status`, since the HTTP status was 200.
 */
export function errorFromStreamEvent(event: unknown, context: ErrorContext): VllmError {
  const body = readErrorValue(event);
  return classify({ body, status: body.code ?? 500, httpStatus: 200, isStream: true, context }, undefined);
}

/** Of a body that is no JSON; nothing that is looked for stands further back. */
const MOST_LOOKED_AT = 10_000;

type Seen = { body: ErrorBody } & Pick<Answer, "status" | "httpStatus" | "isStream" | "context">;

function classify(seen: Seen, answer: ErrorAnswer | undefined): VllmError {
  const { context } = seen;
  const url = displayUrl(context.url);
  const bodyText = answer?.bodyText.slice(0, MOST_LOOKED_AT) ?? "";
  const message = seen.body.message ?? "";
  const router = whichRouter(answer === undefined ? message : bodyText, seen.status, answer?.server);
  const asked: Answer = {
    ...seen,
    url,
    message,
    bodyText,
    router,
    isText: answer !== undefined && /^\s*[^\s{["<]/.test(bodyText),
    authenticate: answer?.authenticate,
  };
  let finding = byStatus(asked);
  for (const rule of RULES) {
    const found = rule(asked);
    if (found !== undefined) {
      finding = found;
      break;
    }
  }
  return new VllmError({
    status: answer?.status,
    requestId: context.requestId,
    url: redact(url, context.secrets),
    param: toField(seen.body, context.secrets),
    retryAfterMs: parseRetryAfter(answer?.retryAfter),
    ...finding,
    message: fitToShow(finding.message, context.secrets),
    hint: fitToShow(finding.hint, context.secrets),
  });
}

/** The path of a field. Anything else may be somebody's text. */
const FIELD = /^[\w.[\]-]{1,200}$/;

function toField({ sentParam, param }: ErrorBody, secrets: readonly string[] | undefined): string | undefined {
  const field = [sentParam, param].find((each) => each !== undefined && FIELD.test(each));
  return field === undefined ? undefined : redact(field, secrets);
}

/** Names of models come from outside too: control characters in them must not reach a terminal. */
function fitToShow(text: string, secrets: readonly string[] | undefined): string {
  return redact(printable(text), secrets);
}
