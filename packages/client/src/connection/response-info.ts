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

/** What the head of an answer says about it. */
export function toResponseFacts(head: ResponseHead): Pick<ChatResult, "requestId" | "headers" | "rateLimit"> {
  const headers: Record<string, string> = {};
  let hasQuota = false;
  for (const [name, value] of head.headers()) {
    // Cookies of a gateway are its users' logins, and no fact about an answer.
    if (name === "set-cookie") continue;
    headers[name] = value;
    hasQuota ||= name.startsWith("x-ratelimit-");
  }
  const requestId = headers["x-request-id"];
  const rateLimit = hasQuota ? parseRateLimit((name) => headers[name]) : undefined;
  return {
    ...(requestId === undefined ? {} : { requestId: printable(requestId) }),
    headers,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}
