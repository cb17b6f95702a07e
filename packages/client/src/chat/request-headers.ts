import type { ChatOptions } from "../options/client-options.ts";
import { lowerCaseNames, secretsOf, withCalledHeaders, type Connection } from "../connection/connection.ts";
import { calledHeaders, fixedHeaders } from "../connection/header-source.ts";
import type { PreparedRequest } from "../request/index.ts";

/** The headers of one attempt. */
export interface RequestHeaders {
  headers: Record<string, string>;
  hasKey: boolean;
  /** Values that must never be shown. */
  secrets: readonly string[];
}

type Prepared = Pick<PreparedRequest, "headers" | "echo">;

/**
 * The headers of the next attempt; a promise only where a function of the caller has to say some of them.
 *
 * @throws {VllmError} what such a function comes to
 */
export function toRequestHeaders(
  given: Connection,
  prepared: Prepared,
  options: ChatOptions,
): RequestHeaders | Promise<RequestHeaders> {
  const connection = withCalledHeaders(given);
  const called = calledHeaders(options.headers);
  const fixed = fixedHeaders(options.headers);
  if (!(connection instanceof Promise) && called === undefined) return join(connection, prepared, options, fixed);
  return Promise.all([connection, called ?? fixed]).then(([ready, own]) => join(ready, prepared, options, own));
}

function join(
  connection: Connection,
  prepared: Prepared,
  { requestId }: ChatOptions,
  own: Readonly<Record<string, string>>,
): RequestHeaders {
  const headers = {
    ...connection.headers,
    ...lowerCaseNames(prepared.headers),
    ...connection.echoes.headersFor(prepared.echo),
    ...(requestId === undefined ? {} : { "x-request-id": requestId }),
    ...lowerCaseNames(own),
  };
  return {
    headers,
    hasKey: "authorization" in headers,
    secrets: [...connection.secrets, ...secretsOf(own)],
  };
}
