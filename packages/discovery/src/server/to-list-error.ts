import { displayUrl, errorFromResponse, VllmError } from "@vllm/schema/core";
import { errorFromLimit } from "@vllm/schema/internal";
import type { Limits } from "@vllm/schema/core";
import type { ProbeOutcome } from "../http/probe-outcome.ts";

/** Why there is no model list: the outcome of `GET /v1/models` that brought none → the error a program would throw. */
export function toListError(
  outcome: ProbeOutcome,
  url: string,
  sent: { keySent: boolean; hasUnsentLogin: boolean },
  limits: Limits,
): VllmError {
  if (outcome.kind === "network") return outcome.error;
  if (outcome.kind === "answer" && outcome.status >= 400) {
    return errorFromResponse(
      {
        status: outcome.status,
        bodyText: outcome.body,
        contentType: outcome.headers["content-type"],
        authenticate: outcome.headers["www-authenticate"],
        server: outcome.headers["server"],
      },
      { url, hasKey: sent.keySent, hasUnsentLogin: sent.hasUnsentLogin },
    );
  }
  if (outcome.kind === "answer" && outcome.isTruncated)
    return errorFromLimit("auxiliaryBytes", limits.auxiliaryBytes, { url });
  if (outcome.kind === "answer" && outcome.isTooDeep === true)
    return errorFromLimit("nesting", limits.nesting, { url });
  const shown = displayUrl(url);
  if (outcome.kind === "timeout") {
    return new VllmError({
      code: "REQUEST_TIMEOUT",
      message: outcome.hasHead ? `The answer of ${shown} did not end in time.` : `${shown} did not answer in time.`,
      hint: "Snapshot at the server's log, or allow more time (timeoutMs).",
      isRetryable: true,
      reason: "timeout",
      url: shown,
    });
  }
  return new VllmError({
    code: "NOT_VLLM",
    message:
      outcome.kind === "redirect" && !outcome.isHome
        ? `${shown} redirects to another server (${displayUrl(outcome.location)}), and a key is never sent there.`
        : `${shown} ${outcome.kind === "redirect" ? "redirects in circles." : "answered, but not with a list of models."}`,
    hint: "Check the address: vllm serve listens on port 8000, and its base URL ends in /v1.",
    url: shown,
  });
}
