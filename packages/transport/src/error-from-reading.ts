import { displayUrl, VllmError } from "@vllm/schema/core";
import { errorFromLimit } from "@vllm/schema/internal";
import { LimitExceeded } from "./exchange/limit-exceeded.ts";

/** What was thrown while an answer was read → the error that ends the request. */
export function errorFromReading(cause: unknown, context: { url: string; requestId?: string | undefined }): VllmError {
  if (VllmError.isInstance(cause)) return cause;
  if (cause instanceof LimitExceeded) return errorFromLimit(cause.limit, cause.most, context);
  const url = displayUrl(context.url);
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The answer from ${url} could not be read (${cause instanceof Error ? cause.name : "unknown"}).`,
    hint: "It holds more than this runtime can (a text of 500 MB, say): limit it with max_tokens. Otherwise this is a bug of @vllm/client: please report it, with error.cause.",
    url,
    requestId: context.requestId,
    cause,
  });
}
