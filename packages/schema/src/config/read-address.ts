import type { BaseUrl } from "../text/parse-base-url.ts";
import { normalizeBaseUrl } from "./normalize-base-url.ts";

/** A server's address without the user name and password in it, and the header that carries them: `fetch` refuses such addresses. */
export interface ServerAddress extends BaseUrl {
  authorization: string | undefined;
}

/** @throws {VllmError} `CONFIG_INVALID` when it is no address; a variable that is not set is none, either */
export function readAddress(baseUrl: unknown): ServerAddress {
  const given = normalizeBaseUrl(String(baseUrl ?? ""));
  const url = new URL(given.apiRoot);
  if (url.username === "" && url.password === "") return { ...given, authorization: undefined };
  const bytes = new TextEncoder().encode(`${decode(url.username)}:${decode(url.password)}`);
  url.username = "";
  url.password = "";
  return { ...normalizeBaseUrl(url.href), authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** A `%` that begins no character stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
