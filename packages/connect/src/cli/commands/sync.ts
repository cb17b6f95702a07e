import { ConfigError } from "@vllm/schema/core";
import {
  allFindings,
  isError,
  providerBaseUrl,
  resolveKey,
  vllmProviderIds,
  parseProviderId,
  refuseReadOnly,
  applySetup,
  previewSetup,
  planSetup,
} from "@vllm/coderclaw-adapter/internal";
import { askToWrite } from "../terminal/ask-to-write.ts";
import type { CommandContext } from "../command-context.ts";
import { openAgent, writing } from "../command-context.ts";
import { withoutQuery } from "../command-line/without-query.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { probeThroughBridge } from "../probe/probe-through-bridge.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import { renderDiff } from "../ui/render-diff.ts";
import { shortenDiff } from "../ui/shorten-diff.ts";
import { renderFindings } from "../ui/render-findings.ts";
import { renderServerLine } from "../ui/render-models.ts";
import { describeChanges } from "../ui/describe-changes.ts";
import { hangText } from "../terminal/wrap-text.ts";

export interface SyncOptions {
  provider?: string | undefined;
  dryRun: boolean;
  yes: boolean;
}

/** `sync`: brings the configured models up to what their servers serve now. Without a server nothing is touched. */
export async function sync(context: CommandContext, options: SyncOptions): Promise<ExitCode> {
  const { output } = context;
  const ids = await providersToSync(context, options.provider);
  const results = [];
  let worst: ExitCode = EXIT.fine;
  for (const providerId of ids) {
    // Read again for each provider: the one before it has changed the file.
    const agent = await openAgent(context);
    const { config } = agent;
    const baseUrl = withoutQuery(providerBaseUrl(config, providerId).baseUrl, output);
    const probed = await probeThroughBridge(context, agent, { providerId, baseUrl });
    const { report } = probed;
    output.say(renderServerLine(report, output.colors));
    const state = exitCodeOf(report);
    const findings = allFindings(probed.findings, [], { agent: config.location.agent, providerId }).filter(isError);
    if (state !== EXIT.fine || report.models.length === 0) {
      output.say(`\n${renderFindings(findings, output)}\n\nThe models in the configuration stay as they are.`);
      worst = Math.max(worst, state === EXIT.fine ? EXIT.problemsFound : state) as ExitCode;
      results.push({ providerId, state: report.state, changed: false, findings });
      continue;
    }
    const resolved = resolveKey(config, providerId);
    const plan = await planSetup({
      agent: config,
      providerId,
      report,
      key: resolved.key === undefined ? { kind: "none" } : { kind: "existing", source: resolved.source },
      recorded: agent.record.modelsOf(providerId),
    });
    const change = previewSetup(config, plan);
    if (change.changed && !options.dryRun) refuseReadOnly(config.location);
    const { path, text } = change.file;
    const diff = change.changed
      ? renderDiff({ path: output.path(path), before: text, after: change.text }, output.colors)
      : "";
    const { added, updated, kept, notServed } = plan.provider;
    const summary = { providerId, state: report.state, changed: change.changed, added, updated, kept, notServed };
    for (const note of plan.notes)
      output.say(`${output.colors.blue("•")} ${hangText(output.advice(note), 2, output.wrapWidth)}`);
    if (!change.changed) {
      output.say(`${output.colors.green("✔")} ${output.path(path)} says all of it already.`);
      results.push(summary);
      continue;
    }
    const isDryRun = options.dryRun;
    output.say(`\n${isDryRun ? diff : shortenDiff(diff, output.colors)}\n`);
    if (isDryRun) output.say("Dry run: nothing was written.");
    else if (await askToWrite(context, options, "Write it?")) {
      await writing(context, path, () => applySetup(config, { providerId, plan, change }));
      const done = describeChanges(plan, { path: output.path(path), hasBackup: change.file.exists });
      output.say(`${output.colors.green("✔")} ${output.advice(done)}`);
    } else output.say("Nothing was written.");
    results.push({ ...summary, dryRun: isDryRun, diff: output.isJson ? diff : undefined });
  }
  output.result({ command: "sync", ok: worst === EXIT.fine, providers: results });
  return worst;
}

async function providersToSync(context: CommandContext, provider: string | undefined): Promise<string[]> {
  const { config } = await openAgent(context);
  const configured = vllmProviderIds(config.value);
  const wanted = provider === undefined ? configured : configured.filter((id) => id === parseProviderId(provider));
  if (wanted.length > 0) return wanted;
  const setup = `npx @vllm/connect setup${provider === undefined ? "" : ` --provider ${provider}`}`;
  const what =
    provider === undefined ? "No vLLM server is configured" : `models.providers.${provider} is not configured`;
  throw new ConfigError({
    message: `${what} in ${config.location.configPath}.`,
    hint: `Set it up first: ${setup}`,
    issues: [
      {
        path: "models.providers",
        received: configured.length === 0 ? "no vLLM server" : configured.join(", "),
        accepted: "vllm, or vllm-<name>",
        fix: setup,
      },
    ],
  });
}
