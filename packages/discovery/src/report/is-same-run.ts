/** What tells one start of a server from another. */
export interface ServerRun {
  version: string | undefined;
  /** ms since 1970. */
  startedAt: number | undefined;
}

/** Whether two probes may have seen the same start of a server. What a probe did not see (a slow `/version`) speaks for no other one. */
export function isSameRun(left: ServerRun, right: ServerRun): boolean {
  const isSameVersion = left.version === undefined || right.version === undefined || left.version === right.version;
  return isSameVersion && isSameStart(left.startedAt, right.startedAt);
}

/** `/metrics` gives the start in seconds with a fraction. */
function isSameStart(left: number | undefined, right: number | undefined): boolean {
  return left === undefined || right === undefined || Math.abs(left - right) < 2000;
}

type RunReport = Parameters<typeof runOf>[0] & { fleet?: { seen: readonly ServerRun[] } | undefined };

/** Whether one of the servers of a report is this run: behind a router the next probe may meet another one. */
export function knowsRun(report: RunReport, run: ServerRun): boolean {
  return [runOf(report), ...(report.fleet?.seen ?? [])].some((known) => isSameRun(known, run));
}

/** The run that a report is about. */
export function runOf(report: {
  version: string | undefined;
  capacity: { startedAt: number | undefined } | undefined;
}): ServerRun {
  return { version: report.version, startedAt: report.capacity?.startedAt };
}
