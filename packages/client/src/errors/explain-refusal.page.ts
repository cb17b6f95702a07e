import { displayUrl, VllmError } from "@vllm/schema/core";
import type { Refusal } from "./refusal.ts";

/**
 * The same in a page, which loads the rules for it when a server refuses something: they are a fifth of the client. A network that fails is
 * explained without them, for it may fail for the page's own files as well.
 */
export async function explainRefusal(refusal: Refusal): Promise<VllmError> {
  const rules = await import("@vllm/schema/internal/refusal").catch((cause: unknown) => ({ cause }));
  if ("cause" in rules) return unexplained(refusal, rules.cause);
  return "answer" in refusal
    ? rules.errorFromResponse(refusal.answer, refusal.context)
    : rules.errorFromStreamEvent(refusal.event, refusal.context);
}

/** What the status alone says. */
function unexplained(refusal: Refusal, cause: unknown): VllmError {
  const { requestId } = refusal.context;
  const url = displayUrl(refusal.context.url);
  const status = "answer" in refusal ? refusal.answer.status : undefined;
  const isFault = status === undefined || status < 400 || status >= 500;
  return new VllmError({
    code: isFault ? "SERVER_ERROR" : "INVALID_REQUEST",
    message: `The server ${isFault ? "failed" : "refused the request"} (${status ?? "during the answer"}, ${url}). Why is not known: the page could not load the part of itself that explains it.`,
    hint: "Reload the page, which is older than the files on its web server: keep those of older builds there for a while (error.cause). The server's log has the reason, too.",
    isRetryable: isFault,
    status,
    requestId,
    url,
    cause,
  });
}
