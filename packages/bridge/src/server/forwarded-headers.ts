import type { IncomingHttpHeaders } from "node:http";
import { isSendable } from "../upstream/is-sendable.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";

/** Headers by which routers, logs and other bridges know a request. All others are the client's own affair. */
export function toForwardedHeaders(
  headers: IncomingHttpHeaders,
  { forwards }: Pick<UpstreamServer, "forwards">,
): Record<string, string> {
  const names = Object.keys(headers).filter(
    (name) => /^x-(?!stainless-|forwarded-)|^traceparent$|^tracestate$/.test(name) && forwards(name),
  );
  const forwarded = names.map((name) => [name, String(headers[name])] as const);
  return Object.fromEntries(forwarded.filter(([, value]) => isSendable(value)));
}
