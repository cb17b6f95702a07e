import { parseMilliseconds } from "../options/parse-milliseconds.ts";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { discoverInSession, newSession } from "../discover/discover-server.ts";
import type { ServerReport } from "../report/server-report.ts";
import type { ServerChange } from "./compare-reports.ts";
import { compareReports } from "./compare-reports.ts";
import { ConfirmedChanges } from "./confirm-changes.ts";
import { rememberFleet } from "./remember-fleet.ts";
import { sleep } from "./sleep.ts";

/** Options of a probe, and how often to repeat it. */
export interface WatchServerOptions extends Omit<DiscoverServerOptions, "known"> {
  /** Between two probes, in ms. Default: 15 seconds; a tenth more or less, so that many watchers do not march in step. */
  intervalMs?: number | undefined;
}

const LONGEST_INTERVALS = 4;

/**
 * Probes a server again and again and reports what changes: models and adapters that appear and vanish, restarts, outages. The first probe
 * reports what is there. One probe is a few GETs; templates are probed once for each start of the server. While the server is down the
 * pause grows to four times the interval.
 *
 * Ends with `break`, `return()`, or when `signal` is aborted (without an error).
 *
 * @throws {VllmError} `CONFIG_INVALID` when `baseUrl` is no address or another option cannot be used
 */
export async function* watchServer(options: WatchServerOptions): AsyncGenerator<ServerChange, void> {
  const { intervalMs: given, ...settings } = options;
  const intervalMs = parseMilliseconds("intervalMs", given, 15_000);
  const { signal } = settings;
  let lastGood: ServerReport | undefined;
  let wasUp = false;
  let failures = 0;
  const confirmed = new ConfirmedChanges();
  // Where the router goes by it, all probes meet the same server.
  const session = newSession();
  while (!isAborted(signal)) {
    let report: ServerReport;
    try {
      report = await discoverInSession({ ...settings, known: lastGood }, session);
    } catch (error) {
      if (isAborted(signal)) return;
      throw error;
    }
    const { changes, isNews } = confirmed.confirm(compareReports(lastGood, wasUp, report), report);
    const isFirstFailure = failures === 0;
    wasUp = report.state === "ready" && report.models.length > 0;
    failures = wasUp ? 0 : failures + 1;
    if (wasUp) lastGood = rememberFleet(lastGood, isNews || lastGood === undefined ? report : lastGood, report);
    for (const change of changes) if (change.type !== "down" || isFirstFailure) yield change;
    const pause = intervalMs * Math.min(LONGEST_INTERVALS, 1.5 ** failures) * (0.9 + Math.random() * 0.2);
    try {
      await sleep(pause, signal);
    } catch {
      return;
    }
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
