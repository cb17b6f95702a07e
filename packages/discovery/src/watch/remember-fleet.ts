import type { SeenServer } from "../report/fleet-facts.ts";
import type { ServerReport } from "../report/server-report.ts";

const MOST_SERVERS = 50;

/** The report that the next one is compared with, with the servers of all: one probe meets only some of them. */
export function rememberFleet(before: ServerReport | undefined, kept: ServerReport, now: ServerReport): ServerReport {
  if (now.fleet === undefined) return kept;
  const seen = new Map<string, SeenServer>();
  for (const server of [...now.fleet.seen, ...(before?.fleet?.seen ?? [])]) seen.set(JSON.stringify(server), server);
  return { ...kept, fleet: { ...now.fleet, seen: [...seen.values()].slice(0, MOST_SERVERS) } };
}
