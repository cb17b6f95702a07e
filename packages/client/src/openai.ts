import type { VllmClientOptions } from "@vllm/client";
import { fetchOver } from "@vllm/transport/internal";
import { VllmError } from "@vllm/schema/core";
import OpenAI, { APIConnectionError, type ClientOptions } from "openai";
import type { Page, PagePromise } from "openai/core/pagination";
import type { APIPromise } from "openai/core/api-promise";
import { checkClientOptions } from "./options/check-options.ts";
import { createConnection } from "./connection/connection.ts";
import { calledHeaders, type HeaderSource } from "./connection/header-source.ts";

/** A model as vLLM lists it. Routers leave some of it out. Source: `ModelCard`, vLLM 0.32.0 `entrypoints/openai/models/protocol.py`. */
export type VllmModelCard = OpenAI.Model & {
  /** The model's window in tokens; null for a LoRA adapter. */
  max_model_len?: number | null;
  /** What the served names of one model have in common. */
  root?: string | null;
  /** The base model of a LoRA adapter. */
  parent?: string | null;
};

/** The models of {@link VllmOpenAI}, with vLLM's fields. */
export interface VllmModels {
  list(options?: OpenAI.RequestOptions): PagePromise<Page<VllmModelCard>, VllmModelCard>;
  retrieve(model: string, options?: OpenAI.RequestOptions): APIPromise<VllmModelCard>;
}

/** The `openai` package's client, which knows the fields that vLLM adds to a model. */
export type VllmOpenAI = { models: VllmModels } & OpenAI;

/**
 * The `openai` package's client for the same server: for every route that `@vllm/client` does not have (embeddings, responses,
 * completions, files). It shares base URL, key, headers, certificates and proxies with `createVllmClient`. Needs the `openai`
 * package (`npm install openai`).
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createOpenAI(options: VllmClientOptions = {}): VllmOpenAI {
  checkClientOptions(options);
  const connection = createConnection(options);
  const { authorization, "content-type": _contentType, ...headers } = connection.headers;
  const send =
    (options.fetch as typeof globalThis.fetch | undefined) ?? fetchOver({ ...connection, explainsBodies: true });
  return new ExplainedOpenAI({
    baseURL: connection.apiRoot,
    // The package insists on a key; a server without one ignores it.
    apiKey: authorization?.replace(/^Bearer /, "") ?? "none",
    defaultHeaders: { ...headers, authorization: authorization ?? null },
    maxRetries: connection.maxRetries,
    fetch: typeof options.headers === "function" ? withHeaders(send, options.headers) : send,
  });
}

/** As much of the package's client as is changed here; it is not among its public methods. */
interface Requester {
  makeRequest?: (...given: unknown[]) => Promise<unknown>;
}

/** The package says "Connection error." of all that goes wrong before an answer; what it was is in the causes. */
class ExplainedOpenAI extends OpenAI {
  constructor(options: ClientOptions) {
    super(options);
    const requester = this as unknown as Requester;
    const { makeRequest } = requester;
    if (makeRequest === undefined) return;
    requester.makeRequest = (...given) =>
      makeRequest.apply(this, given).catch((error: unknown) => Promise.reject(explain(error)));
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof APIConnectionError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!VllmError.isInstance(cause)) continue;
    const said = `${cause.message} ${cause.hint}`;
    if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => said);
    error.message = said;
    break;
  }
  return error;
}

function withHeaders(send: typeof globalThis.fetch, source: HeaderSource): typeof globalThis.fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries((await calledHeaders(source)) ?? {})) headers.set(name, value);
    return send(input, { ...init, headers });
  };
}
