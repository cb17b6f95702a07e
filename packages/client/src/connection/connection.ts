import { DEFAULTS, readAddress, type Limits } from "@vllm/schema/core";
import { parseLimits, sendableApiKey } from "@vllm/schema/internal";
import { createTicker, type Ticker } from "./ticker.ts";
import type { TimeoutOptions, VllmClientOptions } from "../options/client-options.ts";
import { EchoedHeaders } from "./echoed-headers.ts";
import { calledHeaders, fixedHeaders, type HeaderSource } from "./header-source.ts";
import { chooseLogger, createTransport, hasNodeSockets, type Logger, type Transport } from "@vllm/transport/internal";
import { SeenRouters } from "./seen-routers.ts";
import { reportQuery } from "./report-query.ts";

export interface Timeouts {
  connectMs: number | false;
  firstTokenMs: number | false;
  idleMs: number | false;
}

/** Where requests go and with what. Made once for a client. */
export interface Connection {
  /** `http://127.0.0.1:8000/v1` */
  apiRoot: string;
  /** `http://127.0.0.1:8000` */
  serverRoot: string;
  headers: Readonly<Record<string, string>>;
  /** Where a function of the caller gives some of them: those of the next attempt. */
  headerSource: HeaderSource | undefined;
  /** What routers want back with a conversation's next request. */
  echoes: EchoedHeaders;
  routers: SeenRouters;
  hasKey: boolean;
  /** The header that the user name and password of the address stand for. */
  login: string | undefined;
  /** What must never be shown, should a server repeat it: the key and the values of the caller's headers. */
  secrets: readonly string[];
  transport: Transport;
  ticker: Ticker;
  timeouts: Timeouts;
  limits: Limits;
  maxRetries: number;
  logger: Logger | undefined;
  maxElsewhere: number;
}

const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, firstTokenMs: 1_800_000, idleMs: 600_000 };

export function createConnection(options: VllmClientOptions): Connection {
  const baseUrl = options.baseUrl ?? nonBlank(readVariable(DEFAULTS.baseUrlVariable)) ?? DEFAULTS.baseUrl;
  const apiKey = sendableApiKey(options.apiKey ?? readVariable(DEFAULTS.apiKeyVariable));
  const { apiRoot, serverRoot, authorization: login, hasQuery } = readAddress(baseUrl);
  const headers = {
    "content-type": "application/json",
    ...(login === undefined ? {} : { authorization: login }),
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...lowerCaseNames(fixedHeaders(options.headers)),
  };
  const maxRetries = options.retry?.maxRetries ?? 2;
  const limits = parseLimits(options.limits);
  const logger = chooseLogger(options.logger);
  if (hasQuery === true) reportQuery(logger);
  return {
    apiRoot,
    serverRoot,
    headers,
    headerSource: options.headers,
    echoes: new EchoedHeaders(),
    routers: new SeenRouters(),
    hasKey: "authorization" in headers,
    login,
    secrets: [apiKey, login?.slice("Basic ".length), ...secretsOf(fixedHeaders(options.headers))].filter(
      (secret) => secret !== undefined,
    ),
    transport: createTransport({ ...options, logger, limits }),
    ticker: createTicker({ isShared: hasNodeSockets() }),
    timeouts: mergeTimeouts(DEFAULT_TIMEOUTS, options.timeouts),
    limits,
    maxRetries,
    logger,
    maxElsewhere: options.retry?.maxElsewhere ?? (maxRetries === 0 ? 0 : 3),
  };
}

export function mergeTimeouts(base: Timeouts, given: TimeoutOptions | undefined): Timeouts {
  return {
    connectMs: given?.connectMs ?? base.connectMs,
    firstTokenMs: given?.firstTokenMs ?? base.firstTokenMs,
    idleMs: given?.idleMs ?? base.idleMs,
  };
}

/** The connection with what the function of its caller says now; the same one where there is no function. */
export function withCalledHeaders(connection: Connection): Connection | Promise<Connection> {
  return calledHeaders(connection.headerSource)?.then((called) => withHeaders(connection, called)) ?? connection;
}

function withHeaders(connection: Connection, called: Readonly<Record<string, string>>): Connection {
  const headers = { ...connection.headers, ...lowerCaseNames(called) };
  const secrets = [...connection.secrets, ...secretsOf(called)];
  return { ...connection, headers, secrets, hasKey: "authorization" in headers };
}

/** Names in lower case, so that a caller's header replaces ours. */
export function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lowered: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lowered[name.toLowerCase()] = value;
  return lowered;
}

/** The values of headers, and the keys in them: a server may repeat a key without the word in front of it. */
export function secretsOf(headers: Readonly<Record<string, string>> = {}): string[] {
  return Object.values(headers).flatMap((value) => [value, value.replace(/^(?:Bearer|Basic|Token) +/i, "")]);
}

function readVariable(name: string): string | undefined {
  try {
    return globalThis.process?.env?.[name];
  } catch {
    // Deno throws for a program that may not read it.
    return undefined;
  }
}

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
