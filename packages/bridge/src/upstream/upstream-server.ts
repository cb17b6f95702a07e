import { createVllmClient } from "@vllm/client";
import type { VllmClient } from "@vllm/client";
import { DEFAULTS, readAddress } from "@vllm/schema/core";
import { parseLimits, sendableApiKey } from "@vllm/schema/internal";
import type { Limits } from "@vllm/schema/core";
import type { Environment } from "@vllm/transport";
import { createTransport } from "@vllm/transport/internal";
import type { FetchFunction, Transport } from "@vllm/transport/internal";
import type { BridgeOptions } from "../options/bridge-options.ts";
import { toRecover } from "./to-recover.ts";

/** vLLM as the bridge reaches it. */
export interface UpstreamServer {
  /** `http://127.0.0.1:8000/v1` */
  apiRoot: string;
  /** `http://127.0.0.1:8000` */
  serverRoot: string;
  limits: Limits;
  tls: BridgeOptions["tls"];
  proxy: BridgeOptions["proxy"];
  logger: BridgeOptions["logger"];
  fetch: FetchFunction | undefined;
  /** What the bridge itself sends to vLLM for its clients, in words fit to print; undefined when each client's own key is passed on. */
  held: string | undefined;
  /** The header that the user name and password of the address stand for. */
  login: string | undefined;
  /** False for headers that hold a client's key, unless clients send vLLM's own: vLLM must not learn the bridge's. */
  forwards(headerName: string): boolean;
  /** What is sent for a request with these headers; undefined sends none. */
  authorizationFor(headers: { authorization?: string | undefined }): string | undefined;
  /** How vLLM is reached on every route but chat, whose clients reach it in the same way. */
  transport: Transport;
  timeouts: { connectMs: number | false };
  /** A client that sends this authorization. */
  clientFor(authorization: string | undefined): VllmClient;
}

const DEFAULT_TIMEOUTS = { connectMs: 10_000, firstTokenMs: 600_000, idleMs: 300_000 };
/** Clients have one key each, mostly the same one. */
const MOST_CLIENTS = 32;

export interface UpstreamOptions extends Pick<
  BridgeOptions,
  "upstream" | "apiKey" | "key" | "keys" | "tls" | "proxy" | "logger" | "limits" | "timeouts" | "recover"
> {
  /** Used instead of our own transport. */
  fetch?: FetchFunction | undefined;
}

/** @throws {VllmError} `CONFIG_INVALID` when an option cannot be used */
export function createUpstreamServer(options: UpstreamOptions, environment: Environment): UpstreamServer {
  const baseUrl = nonBlank(options.upstream) ?? nonBlank(environment[DEFAULTS.baseUrlVariable]) ?? DEFAULTS.baseUrl;
  const apiKey = sendableApiKey(options.apiKey ?? environment[DEFAULTS.apiKeyVariable]);
  const { apiRoot, serverRoot, authorization: login } = readAddress(baseUrl);
  const held = describeHeld(options, apiKey, login);
  const passesKeys = held === undefined && options.key === undefined && (options.keys ?? []).length === 0;
  const clients = new Map<string, VllmClient>();
  const { tls, proxy, logger, fetch } = options;
  // What cannot be used is said at the start, not at the first request.
  createVllmClient({ baseUrl, apiKey, tls, proxy, logger, fetch });
  const limits = parseLimits(options.limits);

  return {
    apiRoot,
    serverRoot,
    limits,
    tls,
    proxy,
    logger,
    fetch,
    held,
    login,
    forwards: (name) => passesKeys || !/^(?:x-)?api-key$/i.test(name),
    transport: createTransport({ tls, proxy, logger, fetch, limits }),
    timeouts: { connectMs: options.timeouts?.connectMs ?? DEFAULT_TIMEOUTS.connectMs },
    authorizationFor(headers) {
      if (apiKey !== undefined) return `Bearer ${apiKey}`;
      if (login !== undefined) return login;
      return passesKeys ? headers.authorization : undefined;
    },
    clientFor(authorization) {
      const known = clients.get(authorization ?? "");
      if (known !== undefined) return known;
      const client = createVllmClient({
        baseUrl,
        // Decided here, not by a variable.
        apiKey: "",
        ...(authorization === undefined ? {} : { headers: { authorization } }),
        // The client repeats by its own rules, and must hear at once that the server is down; not of one server among several.
        retry: { maxRetries: 0, maxElsewhere: 3 },
        timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
        limits,
        tls,
        proxy,
        logger,
        fetch,
        recover: toRecover(options),
      });
      const [oldest] = clients.keys();
      if (clients.size >= MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
      clients.set(authorization ?? "", client);
      return client;
    },
  };
}

function describeHeld(
  { apiKey: given }: UpstreamOptions,
  apiKey: string | undefined,
  login: string | undefined,
): string | undefined {
  if (apiKey !== undefined)
    return nonBlank(given) === undefined ? `the key in ${DEFAULTS.apiKeyVariable}` : "its API key";
  return login === undefined ? undefined : "the user name and password of its address";
}

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
