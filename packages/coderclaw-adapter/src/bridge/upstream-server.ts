import type { IncomingHttpHeaders } from "node:http";
import { createVllmClient } from "@vllm/client";
import type { VllmClient } from "@vllm/client";
import { DEFAULTS, normalizeBaseUrl } from "@vllm/schema/core";
import type { BridgeOptions } from "./bridge-options.ts";
import { toRecover } from "./to-recover.ts";
import type { RequestUpstream } from "./upstream-request.ts";
import { createRequestUpstream } from "./upstream-request.ts";

/** vLLM as the bridge reaches it. */
export interface UpstreamServer {
  /** `http://127.0.0.1:8000/v1` */
  apiRoot: string;
  /** `http://127.0.0.1:8000` */
  serverRoot: string;
  /** What is sent for a request with these headers; undefined sends none. */
  authorizationFor(headers: IncomingHttpHeaders): string | undefined;
  /** For every route but chat. */
  request: RequestUpstream;
  /** A client that sends this authorization. */
  clientFor(authorization: string | undefined): VllmClient;
}

const DEFAULT_TIMEOUTS = { firstTokenMs: 600_000, idleMs: 300_000 };
/** Hosts have one key each, mostly the same one. */
const MOST_CLIENTS = 32;

export function createUpstreamServer(options: BridgeOptions): UpstreamServer {
  const baseUrl = nonBlank(options.upstream) ?? nonBlank(process.env[DEFAULTS.baseUrlVariable]) ?? DEFAULTS.baseUrl;
  const apiKey = nonBlank(options.apiKey) ?? nonBlank(process.env[DEFAULTS.apiKeyVariable]);
  const roots = normalizeBaseUrl(baseUrl);
  const login = loginOf(roots.apiRoot);
  const clients = new Map<string, VllmClient>();
  // What cannot be used is said at the start, not at the first request.
  createVllmClient({ baseUrl, apiKey });

  return {
    apiRoot: withoutLogin(roots.apiRoot),
    serverRoot: withoutLogin(roots.serverRoot),
    request: createRequestUpstream(new URL(roots.apiRoot).hostname),
    authorizationFor(headers) {
      if (apiKey !== undefined) return `Bearer ${apiKey.trim()}`;
      if (login !== undefined) return login;
      return options.key === undefined ? headers.authorization : undefined;
    },
    clientFor(authorization) {
      const known = clients.get(authorization ?? "");
      if (known !== undefined) return known;
      const client = createVllmClient({
        baseUrl: withoutLogin(roots.apiRoot),
        ...(authorization === undefined ? {} : { headers: { authorization } }),
        // The host repeats by its own rules, and must hear at once that the server is down.
        retry: { maxRetries: 0 },
        timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
        recover: toRecover(options),
      });
      const [oldest] = clients.keys();
      if (clients.size >= MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
      clients.set(authorization ?? "", client);
      return client;
    },
  };
}

/** User name and password of the address, as a header: it must not be shown with the address. */
function loginOf(root: string): string | undefined {
  const { username, password } = new URL(root);
  if (username === "" && password === "") return undefined;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

function withoutLogin(root: string): string {
  return root.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
