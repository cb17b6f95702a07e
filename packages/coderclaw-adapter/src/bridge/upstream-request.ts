import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { ClientRequest, RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { isLoopback } from "./host-access.ts";

/** Opens a request to vLLM's side. */
export type RequestUpstream = (url: URL, options: RequestOptions) => ClientRequest;

/**
 * Requests as the client makes them: through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name (Node before 22.21 and 24.5 knows none),
 * to loopback always directly. Certificates are Node's own affair (`NODE_EXTRA_CA_CERTS`, `--use-system-ca`).
 */
export function createRequestUpstream(hostname: string): RequestUpstream {
  const settings = { keepAlive: true, ...(isLoopback(hostname) ? {} : { proxyEnv: process.env }) };
  const http = new HttpAgent(settings);
  const https = new HttpsAgent(settings);
  return (url, options) =>
    url.protocol === "https:"
      ? requestHttps(url, { ...options, agent: https })
      : requestHttp(url, { ...options, agent: http });
}
