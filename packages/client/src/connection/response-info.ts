import type { ResponseHead } from "@vllm/transport/internal";
import type { ResponseInfo } from "../options/client-options.ts";

export function toResponseInfo(
  url: string,
  head: ResponseHead,
  requestBody: ResponseInfo["requestBody"],
): ResponseInfo {
  return { url, status: head.status, headers: Object.fromEntries(head.headers()), requestBody };
}

/** What results and errors carry. Cookies of a gateway are its users' logins, and no fact about an answer. */
export function toResponseHeaders(head: ResponseHead): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of head.headers()) if (name !== "set-cookie") headers[name] = value;
  return headers;
}
