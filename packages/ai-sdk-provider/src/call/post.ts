import type { EmbeddingModelV4CallOptions } from "@ai-sdk/provider";
import type { ResponseInfo, VllmClient } from "@vllm/client";
import { toHeaders } from "./call-headers.ts";
import { toApiCallError } from "./to-api-call-error.ts";

/** One request to a route whose answer is JSON, with the AI SDK's errors. */
export async function post(
  client: VllmClient,
  path: string,
  body: Readonly<Record<string, unknown>>,
  { headers, abortSignal }: Pick<EmbeddingModelV4CallOptions, "headers" | "abortSignal">,
): Promise<{ answer: unknown; headers: Record<string, string> }> {
  let response: ResponseInfo | undefined;
  try {
    const answer = await client.post(path, body, {
      headers: toHeaders(headers),
      signal: abortSignal,
      onResponse: (info) => (response = info),
    });
    return { answer, headers: { ...(response as ResponseInfo | undefined)?.headers } };
  } catch (error) {
    const url = new URL(path, client.baseUrl).href;
    throw toApiCallError(error, { url, requestBody: body, response, abortSignal });
  }
}
