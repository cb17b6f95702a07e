import { diagnose } from "../findings/diagnose.ts";
import type { Finding } from "../report/finding.ts";
import type { ServerReport } from "../report/server-report.ts";

/** A look that brought no models, with the models of the last good one: an outage is no reason to forget what is served. */
export function keepModels(now: ServerReport, before: ServerReport): ServerReport {
  const seenAt = before.modelsSeenAt ?? before.checkedAt;
  const kept: Finding = {
    code: "LAST_GOOD_ANSWER_USED",
    severity: "warning",
    message: `The server gave no list of models now; the ${before.models.length === 1 ? "model" : `${before.models.length} models`} of ${new Date(seenAt).toISOString()} ${before.models.length === 1 ? "is" : "are"} kept.`,
    fix: "See the other findings for what is wrong with the server.",
  };
  const report: ServerReport = {
    ...now,
    models: before.models,
    version: now.version ?? before.version,
    modelsSeenAt: seenAt,
  };
  // The rules about models speak of what is served, which nobody knows at the moment.
  const findings = diagnose({ ...report, models: [], probeFindings: [kept, ...now.probeFindings] });
  return { ...report, findings };
}
