import { allFindings, isError, toHostModels } from "@vllm/coderclaw-adapter/internal";
import type { Output } from "../terminal/output.ts";
import { hangText } from "../terminal/wrap-text.ts";
import { renderDiff } from "../ui/render-diff.ts";
import { renderFindings } from "../ui/render-findings.ts";
import { renderModelTable } from "../ui/render-models.ts";
import { shortenDiff } from "../ui/shorten-diff.ts";
import type { Unready } from "./ask.ts";
import type { PlannedSetup } from "./plan.ts";
import type { SetupOptions } from "./setup-options.ts";

/** Why nothing can be set up. */
export function showUnready(output: Output, { agent, providerId, unready }: Unready): void {
  const { report } = unready;
  const place = { agent: agent.location.agent, providerId };
  const findings = allFindings(unready.findings, [], place).filter(isError);
  output.say(`\n${renderFindings(findings, output)}\n\nNothing was written.`);
  output.result({ command: "setup", ok: false, state: report.state, findings });
}

/** The models, what will change, and what to know before agreeing to it. */
export function showPlan(output: Output, planned: PlannedSetup, { dryRun }: SetupOptions): void {
  const { agent, report, modelId, notes, findings } = planned;
  const { colors, wrapWidth } = output;
  const served = toHostModels(report.models, agent.location.agent);
  output.say(`\n${renderModelTable(report, served, output, modelId)}\n`);
  const diff = diffOf(output, planned);
  if (diff !== "") output.say(`${dryRun ? diff : shortenDiff(diff, colors)}\n`);
  for (const note of notes) output.say(`${colors.blue("•")} ${hangText(output.advice(note), 2, wrapWidth)}`);
  if (notes.length > 0) output.say();
  if (findings.length > 0) output.say(`${renderFindings(findings, output)}\n`);
}

/** What changes in the configuration; empty when nothing does. */
export function diffOf(output: Output, { change }: PlannedSetup): string {
  const { path, text } = change.file;
  return change.changed ? renderDiff({ path: output.path(path), before: text, after: change.text }, output.colors) : "";
}
