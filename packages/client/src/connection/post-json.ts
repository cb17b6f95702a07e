import { errorFromResponse, VllmError } from "@vllm/schema/core";
import type { Connection } from "./connection.ts";
import { requestText, type TextRequest } from "./request-text.ts";

/**
 * Sends JSON to a path of the server's root and gives the JSON of the answer.
 *
 * @throws {VllmError} the server's refusal, `SERVER_UNREACHABLE`, `REQUEST_TIMEOUT`, `NOT_VLLM` or `ABORTED`
 */
export async function postJson(
  connection: Connection,
  path: string,
  body: Readonly<Record<string, unknown>>,
  { signal, timeoutMs }: Pick<TextRequest, "signal" | "timeoutMs">,
): Promise<unknown> {
  const url = `${connection.serverRoot}${path}`;
  const { status, header, text } = await requestText(connection, { method: "POST", url, body, signal, timeoutMs });
  if (status !== 200) {
    throw errorFromResponse(
      { status, contentType: header("content-type"), bodyText: text, retryAfter: header("retry-after") },
      {
        url,
        requestId: header("x-request-id"),
        model: typeof body["model"] === "string" ? body["model"] : undefined,
        hasKey: connection.hasKey,
        secrets: connection.secrets,
      },
    );
  }
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
