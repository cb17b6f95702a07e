import { join } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import {
  getValue,
  defaultProviderId,
  defaultModel,
  vllmProviderIds,
  readRecord,
  saveBridge,
  allFindings,
  isError,
  findingsAfterSetup,
  HOST_LABELS,
  OPENCLAW_PROVIDER_ID,
  toHostModels,
  parseProviderId,
  refuseReadOnly,
  applySetup,
  previewSetup,
  firstMessage,
  planSetup,
} from "@vllm/coderclaw-adapter/internal";
import type { ReadHostConfig, SetupPlan } from "@vllm/coderclaw-adapter/internal";
import { planBridge } from "../setup/plan-bridge.ts";
import { askToWrite } from "../terminal/ask-to-write.ts";
import type { CommandContext } from "../command-context.ts";
import { openHost, writing } from "../command-context.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { findServer } from "../setup/find-server.ts";
import { pickModel } from "../setup/pick-model.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { describeChanges } from "../ui/describe-changes.ts";
import { renderKeepRunning } from "../ui/render-bridge.ts";
import { renderDiff } from "../ui/render-diff.ts";
import { shortenDiff } from "../ui/shorten-diff.ts";
import { renderFindings } from "../ui/render-findings.ts";
import { renderModelTable, renderServerLine } from "../ui/render-models.ts";
import { withNote } from "../terminal/with-note.ts";
import { hangText } from "../terminal/wrap-text.ts";

export interface SetupOptions {
  baseUrl?: string | undefined;
  model?: string | undefined;
  /** Undefined: `vllm`, or our own where OpenClaw has our plugin. */
  provider?: string | undefined;
  /** Put a bridge in between, on this port. */
  bridgePort?: number | undefined;
  /** Store a key that is found in a variable. */
  storeKey: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** `setup`: finds the server, picks the model, writes the configuration. Asks only what it cannot know. */
export async function setup(context: CommandContext, options: SetupOptions): Promise<ExitCode> {
  const { output, terminal } = context;
  const { colors } = output;
  const asks = !options.yes && !output.isJson && isInteractive(terminal);
  if (!asks && !options.yes && !options.dryRun) throw needsYes();
  const named = options.provider === undefined ? undefined : parseProviderId(options.provider);
  const { config, location, reason } = await openHost(context);
  const providerId = named ?? defaultProviderId(config);
  const target = `${output.path(location.configPath)} (${reason})`;
  output.say(`${withNote(colors.bold(`vLLM → ${HOST_LABELS[location.host]}`), target, output)}\n`);

  const bridge = await planBridge(context, config, { providerId, options });
  const found = await findServer(context, config, {
    providerId,
    baseUrl: options.baseUrl,
    asks,
    bridgeUpstream: bridge?.upstream,
  });
  const { probed } = found;
  output.say(renderServerLine(probed.report, colors));
  const state = exitCodeOf(probed.report);
  if (state !== EXIT.fine || probed.report.models.length === 0) {
    const findings = allFindings(probed.findings, [], { host: location.host, providerId }).filter(isError);
    output.say(`\n${renderFindings(findings, output)}\n\nNothing was written.`);
    output.result({ command: "setup", ok: false, state: probed.report.state, findings });
    return state === EXIT.fine ? EXIT.problemsFound : state;
  }
  const service = bridge?.serviceFor(probed.report.apiRoot);
  // To the host the bridge is the server.
  const report = service === undefined ? probed.report : { ...probed.report, apiRoot: service.baseUrl };

  const served = toHostModels(report.models, location.host);
  const modelId = await pickModel(context, config, { report, providerId, wanted: options.model, asks });
  output.say(`\n${renderModelTable(report, served, output, modelId)}\n`);
  const plan = await planSetup({
    host: config,
    providerId,
    report,
    key: found.key,
    storeKey: options.storeKey,
    recorded: await readRecord(location, providerId),
    defaultModelId: isFurther(config, providerId, options) ? undefined : modelId,
    chosenModelId: modelId,
  });
  const change = await previewSetup(config, plan);
  if (change.changed && !options.dryRun) refuseReadOnly(location);
  const { path, text } = change.file;
  const diff = change.changed ? renderDiff({ path: output.path(path), before: text, after: change.text }, colors) : "";
  if (diff !== "") output.say(`${options.dryRun ? diff : shortenDiff(diff, colors)}\n`);
  const notes = [...plan.keyNotes, ...plan.notes, ...pluginNotes(config, providerId)].map(output.advice);
  for (const note of notes) output.say(`${colors.blue("•")} ${hangText(note, 2, output.wrapWidth)}`);
  if (notes.length > 0) output.say();
  const findings = findingsAfterSetup(config, {
    providerId,
    report,
    edits: plan.edits,
    hasBridge: service !== undefined,
  });
  const isUsable = !findings.some(({ severity, model = modelId }) => severity === "error" && model === modelId);
  if (findings.length > 0) output.say(`${renderFindings(findings, output)}\n`);

  const hasWork = change.changed || plan.keyWrite !== undefined;
  const isAgreed = hasWork ? await askToWrite(context, options, "Write it?") : !options.dryRun;
  if (isAgreed) await writing(context, path, () => applySetup(config, providerId, plan, change));
  if (isAgreed && service !== undefined) await saveBridge(location, providerId, service);
  output.result({
    command: "setup",
    ok: isUsable,
    host: location.host,
    configPath: path,
    changed: change.changed && isAgreed,
    dryRun: options.dryRun,
    baseUrl: report.apiRoot,
    ...(service === undefined ? {} : { bridge: service }),
    version: report.version,
    defaultModel: plan.defaultModel?.modelRef,
    models: plan.models,
    notes,
    findings,
    diff,
  });
  if (options.dryRun) output.say("Dry run: nothing was written.");
  else if (!isAgreed) output.say("Nothing was written.");
  else {
    const done = change.changed
      ? output.advice(describeChanges(plan, { path: output.path(path), hasBackup: change.file.exists }))
      : `${output.path(path)} says all of it already.`;
    output.say(`${colors.green("✔")} ${done}`);
    if (options.storeKey && plan.keyWrite !== undefined)
      output.say(`${colors.green("✔")} The key is stored in ${output.path(plan.keyWrite.path)}.`);
    if (plan.defaultModel !== undefined)
      output.say(`${colors.green("✔")} The default model is ${colors.bold(plan.defaultModel.modelRef)}.`);
    if (service !== undefined) output.say(`\n${renderKeepRunning(service, output)}`);
    const next = isUsable ? nextStep(plan, config, { providerId, modelId }) : NOT_YET;
    const mark = isUsable ? "" : `${colors.red("✖")} `;
    output.say(`\n${mark}${hangText(output.advice(next), isUsable ? 0 : 2, output.wrapWidth)}`);
  }
  return isUsable ? EXIT.fine : EXIT.problemsFound;
}

/** A further server beside one that is the default already: the default changes only when a model is named. */
function isFurther({ value }: ReadHostConfig, providerId: string, { model }: SetupOptions): boolean {
  const current = defaultModel(value)?.provider;
  const hasDefault = current !== undefined && current !== providerId && vllmProviderIds(value).includes(current);
  return hasDefault && model === undefined && providerId.startsWith("vllm-") && providerId !== OPENCLAW_PROVIDER_ID;
}

/** OpenClaw's own plugin gets true rows, too, and that is all that it can be given. */
function pluginNotes({ value, location }: ReadHostConfig, providerId: string): string[] {
  const loaded = getValue(value, ["plugins", "load", "paths"]);
  const isOurs = Array.isArray(loaded) && loaded.some((path) => String(path).endsWith(join("vllm-plugin", "vllm")));
  if (location.host !== "openclaw" || providerId === OPENCLAW_PROVIDER_ID || isOurs) return [];
  return [
    `OpenClaw's own vLLM plugin answers for ${providerId}. Ours also sends thoughts back, asks again for a call that was cut, and says what is wrong: npx @vllm/connect init-plugin`,
  ];
}

function nextStep(
  { defaultModel: made }: SetupPlan,
  config: ReadHostConfig,
  { providerId, modelId }: { providerId: string; modelId: string },
): string {
  if (made === undefined)
    return `The default model stays. In a chat: /model ${providerId}/${modelId}. To make it the default:\n  npx @vllm/connect setup --provider ${providerId} --model ${modelId}`;
  return `${firstMessage(config.location.host, config)}\nIf something does not work:\n  npx @vllm/connect doctor --active`;
}

const NOT_YET =
  "It will not work yet, see above. All of it, with the command to serve the model:\nnpx @vllm/connect doctor";

function needsYes(): ConfigError {
  const hint =
    "Add --yes to take the defaults (--base-url and --model choose others), or --dry-run to see what it would do.";
  return new ConfigError({
    message: "setup asks questions, and nobody can answer them here.",
    hint,
    issues: [{ path: "", received: "no terminal", accepted: "a terminal, --yes or --dry-run", fix: hint }],
  });
}
