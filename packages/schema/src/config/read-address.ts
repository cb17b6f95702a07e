import { basicAuthorization } from "../text/basic-authorization.ts";
import type { BaseUrl } from "../text/parse-base-url.ts";
import { normalizeBaseUrl } from "./normalize-base-url.ts";

/** A server's address without the user name and password in it, and the header that carries them: `fetch` refuses such addresses. */
export interface ServerAddress extends BaseUrl {
  authorization: string | undefined;
  /** The text had a query, such as `?token=…`. Requests do not carry it. */
  hasQuery?: true | undefined;
}

/** @throws {VllmError} `CONFIG_INVALID` when it is no address; a variable that is not set is none, either */
export function readAddress(baseUrl: unknown): ServerAddress {
  const text = String(baseUrl ?? "");
  const given = normalizeBaseUrl(text);
  const query = /^[^#?]*\?[^#\s"'`<>]/.test(text) ? ({ hasQuery: true } as const) : {};
  const url = new URL(given.apiRoot);
  const authorization = basicAuthorization(url);
  if (authorization === undefined) return { ...given, authorization, ...query };
  url.username = "";
  url.password = "";
  return { ...normalizeBaseUrl(url.href), authorization, ...query };
}
