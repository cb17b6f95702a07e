import type { IncomingMessage, ServerResponse } from "node:http";

const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-max-age": "600",
};

/** True for a request without an origin, or with one that was allowed. What a page embeds has none, and names its site otherwise. */
export function isAllowedOrigin({ headers }: IncomingMessage, allowed: readonly string[] = []): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  return origin === undefined ? site !== "cross-site" : allowed.includes(origin);
}

/**
 * Lets a page of an allowed origin read the answer (CORS), whatever vLLM says about origins itself. Nothing for other requests.
 *
 * @returns true when the request only asked whether it may be sent, and has its answer.
 */
export function answerCrossOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin, "access-control-request-headers": wanted } = request.headers;
  if (origin === undefined) return false;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("vary", "origin");
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  response.writeHead(204, {
    ...PREFLIGHT,
    ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
  });
  response.end();
  return true;
}
