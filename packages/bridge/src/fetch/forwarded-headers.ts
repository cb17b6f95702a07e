import { isSendable } from "../upstream/is-sendable.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";

/** What belongs to the request as the program wrote it: the bridge writes its own. */
const OF_REQUEST =
  /^(?:accept(?:-encoding)?|authorization|connection|content-.*|host|transfer-encoding|user-agent|x-stainless-.*)$/;

/** The program's own headers for a chat, such as those of a gateway. */
export function toForwardedHeaders(
  headers: Headers,
  { forwards }: Pick<UpstreamServer, "forwards">,
): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name, value]) => !OF_REQUEST.test(name) && forwards(name) && isSendable(value)),
  );
}

/** The headers of a request that goes to another server than the program named, with that one's key. */
export function toRedirectedHeaders(headers: Headers, upstream: UpstreamServer): Headers {
  const kept = new Headers([...headers].filter(([name]) => upstream.forwards(name)));
  const authorization = upstream.authorizationFor({ authorization: headers.get("authorization") ?? undefined });
  if (authorization !== undefined) kept.set("authorization", authorization);
  return kept;
}

/** What the transport writes itself, for a body that it sends and an answer that it reads. */
const OF_TRANSPORT = /^(?:accept-encoding|connection|content-length|host|transfer-encoding)$/;

/** The headers of a request whose answer is guarded: the program's own, with the key that is sent. */
export function toGuardedHeaders(headers: Headers, upstream: UpstreamServer): [name: string, value: string][] {
  return [...toRedirectedHeaders(headers, upstream)].filter(([name]) => !OF_TRANSPORT.test(name));
}
