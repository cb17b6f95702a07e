import type { ResponseHead } from "@vllm/transport/internal";
import type { ResponseInfo } from "../options/client-options.ts";

export function toResponseInfo(
  url: string,
  head: ResponseHead,
  requestBody: ResponseInfo["requestBody"],
): ResponseInfo {
  return { url, status: head.status, headers: toHeaderRecord(head), requestBody };
}

/** What results and errors carry. Cookies of a gateway are its users' logins, and no fact about an answer. */
export function toResponseHeaders(head: ResponseHead): Record<string, string> {
  const { "set-cookie": _cookie, ...headers } = toHeaderRecord(head);
  return headers;
}

function toHeaderRecord(head: ResponseHead): Record<string, string> {
  const names = new Set(head.lines().map(([name]) => name.toLowerCase()));
  return Object.fromEntries([...names].map((name) => [name, head.header(name) ?? ""]));
}
