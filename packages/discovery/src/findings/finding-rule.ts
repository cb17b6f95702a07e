import type { ServerReport } from "../report/server-report.ts";
import type { Finding } from "../report/finding.ts";

/** A report before its findings. */
export type Facts = Omit<ServerReport, "findings">;

/** What an agent asks of a model's window, all in tokens. */
export interface HostWindow {
  /** The agent's name, as it is to be printed. */
  host: string;
  /** It refuses to run below: an error. */
  refusedBelow: number;
  /** It warns below. Undefined: it does not. */
  warnedBelow?: number | undefined;
  /** What its own prompt and tools take, about. */
  ownPrompt: number;
}

/** What a report alone does not say. Everything is optional. */
export interface DiagnoseOptions {
  /** Model ids that a config refers to: each one that is not served is a finding. */
  expectedModels?: readonly string[] | undefined;
  /** The agent by which windows are judged. Default: CoderClaw. */
  hostWindow?: HostWindow | undefined;
}

/** Looks at one idea of a report. Pure. */
export type FindingRule = (facts: Facts, options: DiagnoseOptions) => readonly Finding[];
