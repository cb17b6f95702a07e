import { type LimitOptions } from "@vllm/schema/core";
import { parseLimits } from "@vllm/schema/internal";
import { createTransport, type TransportOptions } from "./create-transport.ts";
import { fetchOver } from "./fetch/fetch-over.ts";

/** Limit for a new connection, in ms. */
const CONNECT_MS = 10_000;

/** Everything is optional. */
export interface CreateFetchOptions extends Omit<TransportOptions, "limits"> {
  /** How large an answer may be. */
  limits?: LimitOptions | undefined;
}

/**
 * `fetch` over our own transport: for libraries that take one, and for programs that want our connections, proxies and certificates.
 * It differs from the global `fetch` in what README.md lists; redirects are followed within the origin only. A JSON answer, which
 * such libraries read whole, may be as large as one of a chat.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createFetch(options: CreateFetchOptions = {}): typeof globalThis.fetch {
  const limits = parseLimits(options.limits);
  return fetchOver({ transport: createTransport({ ...options, limits }), timeouts: { connectMs: CONNECT_MS }, limits });
}
