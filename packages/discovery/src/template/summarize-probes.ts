import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { ServerReport } from "../report/server-report.ts";
import type { ProbedTemplate } from "./probed-templates.ts";

/** What a report says about the probes of its templates: what was asked, and of which model's template nothing could be seen. */
export function summarizeProbes(probed: readonly ProbedTemplate[]): ServerReport["templateProbe"] {
  const failed = probed.flatMap(({ model, probe }) =>
    probe.kind === "unavailable" ? [{ unavailable: probe.why, cause: probe.cause, model }] : [],
  );
  const incomplete = probed.flatMap(({ model, probe }) =>
    probe.kind === "facts" && !probe.facts.isComplete ? [model] : [],
  );
  return {
    unavailable: undefined,
    ...failed[0],
    ...(incomplete.length === 0 ? {} : { incomplete }),
    requests: probed.reduce((sum, { probe }) => sum + probe.requests, 0),
  };
}

/** Whether the server renders prompts. */
export function toTokenizeCapability(probed: readonly ProbedTemplate[], isRecalled: boolean): Capability {
  if (isRecalled) return yes("/tokenize and /detokenize rendered a prompt in an earlier probe");
  const probes = probed.map(({ probe }) => probe);
  if (probes.some(({ kind }) => kind === "facts")) return yes("/tokenize and /detokenize rendered a prompt");
  const failed = probes.find((probe) => probe.kind === "unavailable");
  const evidence = `/tokenize: ${failed?.why ?? "no model is served"}`;
  return failed?.cause === "no-route" ? no(evidence) : unknown(evidence);
}
