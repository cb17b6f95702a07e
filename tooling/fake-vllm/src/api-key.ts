import { compareVersions } from "./recordings.ts";

/** Paths that begin so are guarded; 0.32 has further ones. */
const guarded = { before: ["/v1"], since: ["/v1", "/v2", "/inference", "/cohere"] };

/** vLLM's own check, before the body is looked at; `bearer` in small letters from 0.12.0 on. */
export function isAuthorized(
  request: { method: string; path: string; headers: Readonly<Record<string, string>> },
  apiKey: string | undefined,
  version: string,
): boolean {
  const prefixes = compareVersions(version, "0.32.0") < 0 ? guarded.before : guarded.since;
  if (apiKey === undefined || request.method === "OPTIONS") return true;
  if (!prefixes.some((prefix) => request.path.startsWith(prefix))) return true;
  const value = request.headers["authorization"] ?? "";
  const space = value.indexOf(" ");
  const scheme = space === -1 ? value : value.slice(0, space);
  const token = space === -1 ? "" : value.slice(space + 1);
  const schemeFits = compareVersions(version, "0.12.0") < 0 ? scheme === "Bearer" : scheme.toLowerCase() === "bearer";
  return schemeFits && token === apiKey;
}
