import type { ResponseHead } from "@vllm/transport/internal";
import type { ResponseInfo } from "../client-options.ts";

export function toResponseInfo(
  url: string,
  head: ResponseHead,
  requestBody: ResponseInfo["requestBody"],
): ResponseInfo {
  const names = new Set(head.lines.map(([name]) => name.toLowerCase()));
  const headers = Object.fromEntries([...names].map((name) => [name, head.header(name) ?? ""]));
  return { url, status: head.status, headers, requestBody };
}
