import { diagnose } from "../findings/diagnose.ts";
import type { ServerReport } from "../report/server-report.ts";

/** A probe that brought no models, with the models of the last good one: an outage is no reason to forget what is served. */
export function keepModels(now: ServerReport, before: ServerReport): ServerReport {
  const report: ServerReport = {
    ...now,
    models: before.models,
    version: now.version ?? before.version,
    modelsSeenAt: before.modelsSeenAt ?? before.checkedAt,
  };
  return { ...report, findings: diagnose(report) };
}
