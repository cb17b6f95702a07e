import type { ServerReport } from "../report/server-report.ts";
import type { Finding } from "../report/finding.ts";

/** A report before its findings. */
export type Facts = Omit<ServerReport, "findings">;

export interface DiagnoseOptions {
  /** Model ids that a config refers to: each one that is not served is a finding. */
  expectedModels?: readonly string[] | undefined;
}

/** Looks at one idea of a report. Pure. */
export type FindingRule = (facts: Facts, options: DiagnoseOptions) => readonly Finding[];
