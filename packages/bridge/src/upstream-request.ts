import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { ClientRequest, RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { urlToHttpOptions } from "node:url";
import { isLoopback } from "./host-access.ts";
import { toUpstreamPath } from "./upstream-path.ts";

/**
 * Opens a request to vLLM's side. `target` is a path of the bridge, such as `/v1/models?limit=1`.
 *
 * @throws {VllmError} `INVALID_REQUEST` for a target that leads out of the upstream's path
 */
export type RequestUpstream = (target: string, options: RequestOptions) => ClientRequest;

/**
 * Requests as the client makes them: through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name (Node before 22.21 and 24.5 knows none),
 * to loopback always directly. Certificates are Node's own affair (`NODE_EXTRA_CA_CERTS`, `--use-system-ca`).
 */
export function createRequestUpstream(serverRoot: string, maxHeaderSize: number): RequestUpstream {
  const url = new URL(serverRoot);
  const upstreamPath = url.pathname.replace(/\/$/, "");
  const settings = { keepAlive: true, ...(isLoopback(url.hostname) ? {} : { proxyEnv: readProxies(process.env) }) };
  const isHttps = url.protocol === "https:";
  const request = isHttps ? requestHttps : requestHttp;
  const agent = isHttps ? new HttpsAgent(settings) : new HttpAgent(settings);
  const server = urlToHttpOptions(url);
  return (target, options) =>
    request({ ...server, ...options, maxHeaderSize, path: toUpstreamPath(upstreamPath, target), agent });
}

/** Node throws "URI malformed" for a password such as `100%`: there a `%` that begins no character is written as `%25`. */
function readProxies(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment).map(([name, value]) => {
    const isProxy = value !== undefined && /^https?_proxy$/i.test(name);
    return [name, isProxy ? toDecodable(value) : value] as const;
  });
  return Object.fromEntries(entries);
}

function toDecodable(address: string): string {
  const repaired = address.replaceAll(/%(?![\da-f]{2})/gi, "%25");
  try {
    decodeURIComponent(repaired);
    return repaired;
  } catch {
    return address.replaceAll("%", "%25");
  }
}
