import type { OutputLimits } from "../output/probe-output-limits.ts";
import type { Capability } from "../report/capability.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";
import type { TemplateProbe } from "./probe-template.ts";

/** What the templates of a server's models showed, each by what the models that share it have in common (their base). */
export interface ProbedTemplates {
  probed: ReadonlyMap<string, ProbedTemplate>;
  /** Models of an earlier report, for the templates that it knows. */
  recalled: ReadonlyMap<string, DiscoveredModel>;
  tokenize: Capability;
  summary: ServerReport["templateProbe"];
}

export interface ProbedTemplate {
  /** The model that was asked for. */
  model: string;
  probe: TemplateProbe;
  outputLimits: OutputLimits;
}
