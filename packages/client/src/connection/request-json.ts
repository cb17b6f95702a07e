import { VllmError } from "@vllm/schema/core";
import { errorFromLimit, isDeeperThan } from "@vllm/schema/internal";
import type { ResponseInfo } from "../options/client-options.ts";
import { secretsOf, withCalledHeaders, type Connection } from "./connection.ts";
import { toResponseInfo } from "./response-info.ts";
import { explainRefusal } from "../errors/explain-refusal.ts";
import { redirected } from "../errors/stream-errors.ts";
import { requestText, type TextRequest } from "@vllm/transport/internal";

export interface JsonRequest extends TextRequest {
  onResponse?: ((response: ResponseInfo) => void) | undefined;
}

/**
 * Sends JSON to a path of the server's root and gives the JSON of the answer.
 *
 * @throws {VllmError} as {@link requestJson}
 */
export function postJson(
  connection: Connection,
  path: string,
  body: Readonly<Record<string, unknown>>,
  more: Omit<JsonRequest, "method" | "url" | "body">,
): Promise<unknown> {
  return requestJson(connection, { method: "POST", url: `${connection.serverRoot}${path}`, body, ...more });
}

/**
 * One request whose answer is JSON.
 *
 * @throws {VllmError} the server's refusal, `WRONG_BASE_URL` for a redirect, `SERVER_UNREACHABLE`, `REQUEST_TIMEOUT`, `RESPONSE_TOO_LARGE`,
 * `STREAM_MALFORMED` for JSON that is nested too deep, `NOT_VLLM` or `ABORTED`
 */
export async function requestJson(given: Connection, request: JsonRequest): Promise<unknown> {
  const { url, body, headers, onResponse } = request;
  const connection = await withCalledHeaders(given);
  const { status, header, head, text } = await requestText(connection, request);
  onResponse?.(toResponseInfo(url, head, body ?? {}));
  const requestId = header("x-request-id");
  if (status >= 300 && status < 400) throw redirected({ url, requestId }, status, header("location"));
  if (status !== 200) {
    const model = body?.["model"];
    throw await explainRefusal({
      answer: {
        status,
        contentType: header("content-type"),
        bodyText: text,
        retryAfter: header("retry-after"),
        server: header("server"),
        authenticate: header("www-authenticate"),
      },
      context: {
        url,
        requestId,
        model: typeof model === "string" ? model : undefined,
        hasKey: connection.hasKey,
        hasUnsentLogin: connection.login !== undefined && connection.headers["authorization"] !== connection.login,
        secrets: [...connection.secrets, ...secretsOf(headers)],
      },
    });
  }
  const { nesting } = connection.limits;
  if (isDeeperThan(text, nesting)) throw errorFromLimit("nesting", nesting, { url, requestId });
  try {
    return JSON.parse(text);
  } catch {
    throw new VllmError({
      code: "NOT_VLLM",
      message: `${url} did not answer with JSON.`,
      hint: "Check the base URL: something other than vLLM answers there, or a gateway without this route.",
      url,
      status,
    });
  }
}
