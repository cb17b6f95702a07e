import { APICallError } from "@ai-sdk/provider";
import { VllmError, type ResponseInfo } from "@vllm/client";

export interface FailedCall {
  /** Where the request went, or would have gone. */
  url: string;
  /** What was asked. Kept out of sight of loggers that copy an error's fields: it holds the conversation. */
  requestBody: unknown;
  /** The last answer of the server, if it gave one. */
  response?: ResponseInfo | undefined;
  abortSignal?: AbortSignal | undefined;
}

/** What the AI SDK is to throw: the reason of an abort, as `fetch` does, or an `APICallError` with our message and hint. */
export function toApiCallError(error: unknown, { url, requestBody, response, abortSignal }: FailedCall): unknown {
  if (!VllmError.isInstance(error)) return error;
  if (error.code === "ABORTED") return abortSignal?.aborted === true ? abortSignal.reason : error;
  const { status } = error;
  const callError = new APICallError({
    message: `${error.message} ${error.hint}`,
    url: error.url ?? url,
    requestBodyValues: response?.requestBody ?? requestBody,
    ...(status === undefined ? {} : { statusCode: status }),
    ...(response === undefined ? {} : { responseHeaders: { ...response.headers } }),
    isRetryable: error.isRetryable,
    data: error.toJSON(),
    cause: error,
  });
  Object.defineProperty(callError, "requestBodyValues", { enumerable: false });
  return callError;
}
