import type { FoundServer } from "./found-server.ts";

/**
 * The server to use when nobody has chosen one: the one that was named; else the only one that is ready, else the only one that is loading,
 * of those that are nobody else's. Another user's server, or one on another machine that nobody named, is never chosen.
 *
 * @returns undefined when there is none, or several
 */
export function pickServer(found: readonly FoundServer[]): FoundServer | undefined {
  const named = found.find((server) => server.isNamed);
  if (named !== undefined) return named;
  const own = found.filter((server) => server.owner?.isYou === true);
  const ready = own.filter(({ report }) => report.state === "ready");
  const candidates =
    ready.length > 0 ? ready : own.filter(({ isLoading, report }) => isLoading || report.state === "starting");
  return candidates.length === 1 ? candidates[0] : undefined;
}
