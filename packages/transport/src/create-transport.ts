import { VllmError, type Limits } from "@vllm/schema/core";
import { createFetchTransport, type FetchFunction } from "./fetch/fetch-transport.ts";
import { guardTransport } from "./guard-transport.ts";
import { hasNodeSockets } from "./has-node-sockets.ts";
import { createNodeTransport } from "./http1/node-transport.ts";
import type { TlsOptions } from "./tls-options.ts";
import type { Transport } from "./transport.ts";

export interface TransportOptions {
  /** Used instead of our own HTTP. */
  fetch?: FetchFunction | undefined;
  /** For `https:` addresses; only with our own HTTP. */
  tls?: TlsOptions | undefined;
  limits: Limits;
}

/**
 * Our own HTTP/1.1 on Node, `fetch` on every other runtime and for callers who bring one.
 *
 * @throws {VllmError} `CONFIG_INVALID` for `tls` where `fetch` does the work
 */
export function createTransport(options: TransportOptions): Transport {
  return guardTransport(chooseTransport(options));
}

function chooseTransport({ fetch, tls, limits }: TransportOptions): Transport {
  if (fetch === undefined && hasNodeSockets()) return createNodeTransport({ tls, environment: process.env, limits });
  if (tls !== undefined) {
    throw new VllmError({
      code: "CONFIG_INVALID",
      message: "tls works only on Node, with the client's own transport.",
      hint: "Leave tls out, and let the runtime or your fetch know the certificate.",
    });
  }
  return createFetchTransport(fetch ?? ((input, init) => globalThis.fetch(input, init)));
}
