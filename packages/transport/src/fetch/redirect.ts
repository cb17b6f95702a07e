import { displayUrl, VllmError } from "@vllm/schema/core";

export interface FetchRequest {
  method: string;
  url: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer> | undefined;
}

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** As in the Fetch standard. */
const MOST_REDIRECTS = 20;

/** True for an answer that `fetch` would follow. */
export function isRedirect({ status, headers }: Response): boolean {
  return STATUSES.has(status) && headers.has("location");
}

/**
 * The request that a redirect asks for, as the Fetch standard rewrites it.
 *
 * @throws {VllmError} `WRONG_BASE_URL` when it leads to another origin, which must not get the conversation and the key; when the caller
 *   takes none (`redirect: "error"`); and for the 21st
 */
export function followRedirect(
  request: FetchRequest,
  { status, headers }: Response,
  mode: RequestRedirect,
  redirects: number,
): FetchRequest {
  const location = headers.get("location") ?? "";
  const target = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
  if (target === undefined) throw refused(request.url, status, undefined, "and that is not an address");
  if (mode === "error") throw refused(request.url, status, target, "and the request allows no redirect");
  if (target.origin !== new URL(request.url).origin) {
    throw refused(request.url, status, target, "which is another server, and is not followed");
  }
  if (redirects > MOST_REDIRECTS) throw refused(request.url, status, target, "and that is one redirect too many");
  target.hash = "";
  const toGet = status === 303 ? !["GET", "HEAD"].includes(request.method) : status < 303 && request.method === "POST";
  if (!toGet) return { ...request, url: target.href };
  const kept = new Headers(request.headers);
  for (const name of ["content-encoding", "content-language", "content-location", "content-type"]) kept.delete(name);
  return { method: "GET", url: target.href, headers: kept, body: undefined };
}

function refused(url: string, status: number, target: URL | undefined, why: string): VllmError {
  const to = target === undefined ? "" : ` to ${displayUrl(target.href)}`;
  return new VllmError({
    code: "WRONG_BASE_URL",
    message: `${displayUrl(url)} redirects${to} (${status}), ${why}.`,
    hint: "If that is the right server, use its address; otherwise ask who configured the redirect.",
    status,
    url: displayUrl(url),
  });
}
