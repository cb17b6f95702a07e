import { baseOf, isChat } from "../models/base-of.ts";
import { applyOutputLimits } from "../output/probe-output-limits.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import { applyKnownModel } from "./apply-known-model.ts";
import { applyTemplateFacts } from "./apply-template-facts.ts";
import type { ProbedTemplates } from "./probed-templates.ts";

/** Models with what their template showed. Pure; models that do not chat are left as they are. */
export function applyTemplates(models: readonly DiscoveredModel[], templates: ProbedTemplates): DiscoveredModel[] {
  return models.map((model) => {
    if (!isChat(model)) return model;
    const base = baseOf(model, models);
    const recalled = templates.recalled.get(base);
    if (recalled !== undefined) return applyKnownModel(model, recalled);
    const { probe, outputLimits = {} } = templates.probed.get(base) ?? {};
    const seen = probe?.kind === "facts" ? applyTemplateFacts(model, probe.facts) : model;
    return applyOutputLimits(seen, outputLimits);
  });
}
