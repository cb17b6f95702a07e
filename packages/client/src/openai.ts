import OpenAI from "openai";
import { checkClientOptions } from "./check-options.ts";
import type { VllmClientOptions } from "./client-options.ts";
import { createConnection } from "./connection/connection.ts";
import { calledHeaders, type HeaderSource } from "./connection/header-source.ts";
import { fetchOver } from "@vllm/transport/internal";

/**
 * The `openai` package's client for the same server: for every route that `@vllm/client` does not have (embeddings, responses,
 * completions, files). It shares base URL, key, headers, certificates and proxies with `createVllmClient`.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createOpenAI(options: VllmClientOptions = {}): OpenAI {
  checkClientOptions(options);
  const connection = createConnection(options);
  const { authorization, "content-type": _contentType, ...headers } = connection.headers;
  const send = (options.fetch as typeof globalThis.fetch | undefined) ?? fetchOver(connection);
  return new OpenAI({
    baseURL: connection.apiRoot,
    // The package insists on a key; a server without one ignores it.
    apiKey: authorization?.replace(/^Bearer /, "") ?? "none",
    defaultHeaders: { ...headers, authorization: authorization ?? null },
    maxRetries: connection.maxRetries,
    fetch: typeof options.headers === "function" ? withHeaders(send, options.headers) : send,
  });
}

function withHeaders(send: typeof globalThis.fetch, source: HeaderSource): typeof globalThis.fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries((await calledHeaders(source)) ?? {})) headers.set(name, value);
    return send(input, { ...init, headers });
  };
}
