import { compareVersions } from "./recordings.ts";

/** vLLM's own check: only paths under /v1, before the body is looked at; `bearer` in small letters from 0.12.0 on. */
export function isAuthorized(
  request: { path: string; headers: Readonly<Record<string, string>> },
  apiKey: string | undefined,
  version: string,
): boolean {
  if (apiKey === undefined || !/^\/v1(?:\/|\?|$)/.test(request.path)) return true;
  const value = request.headers["authorization"] ?? "";
  const space = value.indexOf(" ");
  const scheme = space === -1 ? value : value.slice(0, space);
  const token = space === -1 ? "" : value.slice(space + 1);
  const schemeFits = compareVersions(version, "0.12.0") < 0 ? scheme === "Bearer" : scheme.toLowerCase() === "bearer";
  return schemeFits && token === apiKey;
}
