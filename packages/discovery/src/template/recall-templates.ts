import { knowsRun, runOf } from "../report/is-same-run.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";
import type { SnapshotFacts } from "../server/read-snapshot.ts";

/** How long a report holds of a server whose start nothing shows. */
const HOLDS_MS = 600_000;

/** The models whose template an earlier report knows and nothing has changed since, by base. */
export function recallTemplates(
  bases: ReadonlyMap<string, DiscoveredModel>,
  known: ServerReport | undefined,
  seen: SnapshotFacts,
): Map<string, DiscoveredModel> {
  const models = known === undefined || !stillHolds(known, seen) ? [] : known.models;
  const { incomplete = [] } = known?.templateProbe ?? {};
  const seenWhole = models.filter(({ id, templateTools }) => templateTools !== undefined && !incomplete.includes(id));
  const recalled = new Map<string, DiscoveredModel>();
  for (const [base, { id, root }] of bases) {
    const same = seenWhole.find((model) => model.id === id && model.root === root);
    if (same !== undefined) recalled.set(base, same);
  }
  return recalled;
}

/** Whether a report is still about this server: same version, same start. */
function stillHolds(known: ServerReport, seen: SnapshotFacts): boolean {
  if (!knowsRun(known, runOf(seen))) return false;
  // Without the server's own start there is only the clock to go by.
  return seen.capacity?.startedAt !== undefined || Date.now() - known.checkedAt < HOLDS_MS;
}
