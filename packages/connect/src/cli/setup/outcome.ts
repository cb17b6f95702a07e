import { firstMessage } from "@vllm/coderclaw-adapter/internal";
import type { Output } from "../terminal/output.ts";
import { hangText } from "../terminal/wrap-text.ts";
import { describeChanges } from "../ui/describe-changes.ts";
import { renderKeepRunning } from "../ui/render-bridge.ts";
import type { PlannedSetup } from "./plan.ts";
import type { SetupOptions } from "./setup-options.ts";
import { diffOf } from "./show.ts";

/** What was done, and what to type next; for programs, all of it. */
export function showOutcome(output: Output, planned: PlannedSetup, isWritten: boolean, options: SetupOptions): void {
  output.result(toResult(output, planned, isWritten, options));
  if (options.dryRun) output.say("Dry run: nothing was written.");
  else if (!isWritten) output.say("Nothing was written.");
  else showWritten(output, planned, options);
}

function showWritten(output: Output, planned: PlannedSetup, { storeKey }: SetupOptions): void {
  const { plan, change, bridge, isUsable } = planned;
  const { colors } = output;
  const path = output.path(change.file.path);
  const done = (text: string): void => output.say(`${colors.green("✔")} ${text}`);
  done(
    change.changed
      ? output.advice(describeChanges(plan, { path, hasBackup: change.file.exists }))
      : `${path} says all of it already.`,
  );
  if (storeKey && plan.keyWrite !== undefined) done(`The key is stored in ${output.path(plan.keyWrite.path)}.`);
  if (plan.defaultModel !== undefined) done(`The default model is ${colors.bold(plan.defaultModel.modelRef)}.`);
  if (bridge !== undefined) output.say(`\n${renderKeepRunning(bridge, output)}`);
  const next = isUsable ? nextStep(planned) : NOT_YET;
  const mark = isUsable ? "" : `${colors.red("✖")} `;
  output.say(`\n${mark}${hangText(output.advice(next), isUsable ? 0 : 2, output.wrapWidth)}`);
}

function nextStep({ plan, agent, providerId, modelId }: PlannedSetup): string {
  if (plan.defaultModel === undefined)
    return `The default model stays. In a chat: /model ${providerId}/${modelId}. To make it the default:\n  npx @vllm/connect setup --provider ${providerId} --model ${modelId}`;
  return `${firstMessage(agent.location.agent, agent.config)}\nIf something does not work:\n  npx @vllm/connect doctor --active`;
}

const NOT_YET =
  "It will not work yet, see above. All of it, with the command to serve the model:\nnpx @vllm/connect doctor";

function toResult(output: Output, planned: PlannedSetup, isWritten: boolean, { dryRun }: SetupOptions): object {
  const { agent, report, plan, change, bridge, notes, findings, isUsable } = planned;
  return {
    command: "setup",
    ok: isUsable,
    agent: agent.location.agent,
    configPath: change.file.path,
    changed: change.changed && isWritten,
    dryRun,
    baseUrl: report.apiRoot,
    ...(bridge === undefined ? {} : { bridge }),
    version: report.version,
    defaultModel: plan.defaultModel?.modelRef,
    models: plan.models,
    notes: notes.map(output.advice),
    findings,
    diff: diffOf(output, planned),
  };
}
