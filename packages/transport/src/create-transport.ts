import { VllmError, type Limits } from "@vllm/schema/core";
import type { Environment } from "./options/environment.ts";
import { createFetchTransport, type FetchFunction } from "./fetch/fetch-transport.ts";
import { guardTransport } from "./guard-transport.ts";
import { hasNodeSockets } from "./has-node-sockets.ts";
import { logTransport } from "./log/log-transport.ts";
import { chooseLogger, type Logger } from "./log/logger.ts";
import { ownHttp } from "./own-http.ts";
import type { TlsOptions } from "./options/tls-options.ts";
import type { Transport } from "./exchange/transport.ts";

export interface TransportOptions {
  /** Used instead of our own HTTP; then `tls` and proxies are its own affair. */
  fetch?: FetchFunction | undefined;
  /** For `https:` addresses; only with our own HTTP. */
  tls?: TlsOptions | undefined;
  limits: Limits;
  /**
   * The address of a proxy, or false for none. Default: what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say. This machine
   * (loopback, 0.0.0.0) is never asked through one. Only with our own HTTP.
   */
  proxy?: string | false | undefined;
  /** Reports each request: `console`, or another logger. Default: on stderr, if `VLLM_LOG=debug` says so. */
  logger?: Logger | undefined;
  /** For the proxy variables, `VLLM_TRANSPORT` and `VLLM_LOG`. Default `process.env`. */
  environment?: Environment | undefined;
}

/** `fetch` switches our own HTTP off. */
const SWITCH = "VLLM_TRANSPORT";

/**
 * Our own HTTP/1.1 on Node; `fetch` on every other runtime, for callers who bring one, and with `VLLM_TRANSPORT=fetch`.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a proxy that is none, and for `tls` and `proxy` where `fetch` does the work
 */
export function createTransport(options: TransportOptions): Transport {
  const logger = chooseLogger(options.logger, options.environment);
  const transport = chooseTransport(options);
  return guardTransport(logger === undefined ? transport : logTransport(transport, logger));
}

function chooseTransport(options: TransportOptions): Transport {
  const { fetch, tls, proxy, limits } = options;
  if (fetch !== undefined) {
    refuseOwn(options, "a fetch of your own");
    return createFetchTransport(fetch);
  }
  if (ownHttp === undefined || !hasNodeSockets()) {
    refuseOwn(options, "the fetch of this runtime");
    return createFetchTransport(globalFetch);
  }
  const environment = options.environment ?? process.env;
  if (isSwitchedOff(environment)) {
    refuseOwn(options, `fetch (${SWITCH}=fetch)`);
    return createFetchTransport(globalFetch);
  }
  return ownHttp({ tls, proxy, environment, limits });
}

/** Looked up at every request: tests and instrumentation replace it. */
const globalFetch: FetchFunction = (input, init) => globalThis.fetch(input, init);

function isSwitchedOff(environment: Environment): boolean {
  const value = environment[SWITCH]?.trim() ?? "";
  if (value === "" || value === "fetch") return value === "fetch";
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `${SWITCH} has an unknown value.`,
    hint: `Set ${SWITCH}=fetch to send requests with Node's fetch, or unset it.`,
  });
}

function refuseOwn({ tls, proxy }: TransportOptions, sender: string): void {
  const name = tls !== undefined ? "tls" : typeof proxy === "string" ? "proxy" : undefined;
  if (name === undefined) return;
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `${name} works only with our own HTTP on Node; here requests are sent with ${sender}.`,
    hint: `Remove ${name}, and configure what sends the requests: Node's fetch reads NODE_EXTRA_CA_CERTS and, with NODE_USE_ENV_PROXY=1, the proxy variables.`,
  });
}
