import { parseRateLimit, printable } from "@vllm/schema/internal";
import type { ResponseHead } from "@vllm/transport/internal";
import type { ResponseInfo } from "../options/client-options.ts";
import type { ChatResult } from "../stream/result.ts";

export function toResponseInfo(
  url: string,
  head: ResponseHead,
  requestBody: ResponseInfo["requestBody"],
): ResponseInfo {
  return { url, status: head.status, headers: Object.fromEntries(head.headers()), requestBody };
}

/** What results and errors carry. Cookies of a gateway are its users' logins, and no fact about an answer. */
function toResponseHeaders(head: ResponseHead): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of head.headers()) if (name !== "set-cookie") headers[name] = value;
  return headers;
}

/** What the head of an answer says about it. */
export function toResponseFacts(head: ResponseHead): Pick<ChatResult, "requestId" | "headers" | "rateLimit"> {
  const requestId = head.header("x-request-id");
  const rateLimit = parseRateLimit((name) => head.header(name));
  return {
    ...(requestId === undefined ? {} : { requestId: printable(requestId) }),
    headers: toResponseHeaders(head),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}
