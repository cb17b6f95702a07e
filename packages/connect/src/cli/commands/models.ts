import { allFindings, isError, defaultModel, providerBaseUrl, toHostModels } from "@vllm/coderclaw-adapter/internal";
import { notServed } from "@vllm/schema/core";
import type { CommandContext } from "../command-context.ts";
import { openAgent } from "../command-context.ts";
import { withoutQuery } from "../command-line/without-query.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { probeThroughBridge } from "../probe/probe-through-bridge.ts";
import { providersToProbe } from "../probe/providers-to-probe.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import { renderFindings } from "../ui/render-findings.ts";
import { renderModelTable, renderReasons, renderServerLine } from "../ui/render-models.ts";

export interface ModelsOptions {
  baseUrl?: string | undefined;
  provider?: string | undefined;
}

/** `models`: what each server serves, and why each field of an entry has its value. */
export async function models(context: CommandContext, options: ModelsOptions, modelId?: string): Promise<ExitCode> {
  const { output } = context;
  const agent = await openAgent(context);
  const { config } = agent;
  const servers = [];
  let worst: ExitCode = EXIT.fine;
  for (const providerId of providersToProbe(config, options)) {
    const baseUrl = withoutQuery(options.baseUrl ?? providerBaseUrl(config, providerId).baseUrl, output);
    const probed = await probeThroughBridge(context, agent, { providerId, baseUrl });
    const { report } = probed;
    const served = toHostModels(report.models, config.location.agent);
    const shown = modelId === undefined ? served : served.filter((model) => model.id === modelId);
    const current = defaultModel(config.value);
    if (servers.length > 0) output.say();
    output.say(renderServerLine(report, output.colors));
    if (shown.length > 0) {
      output.say();
      output.say(
        renderModelTable(report, shown, output, current?.provider === providerId ? current.modelId : undefined),
      );
      output.say(`\n${renderReasons(shown, output)}`);
    }
    const code = exitCodeOf(report);
    const findings = allFindings(probed.findings, [], { agent: config.location.agent, providerId }).filter(isError);
    if (code !== EXIT.fine) output.say(`\n${renderFindings(findings, output)}`);
    else if (modelId !== undefined && shown.length === 0) {
      const { message, hint } = notServed(
        modelId,
        served.map((model) => model.id),
        { name: (id) => `npx @vllm/connect models ${id}` },
      );
      output.say(`\n${message}\n${output.advice(hint)}`);
    }
    worst = Math.max(worst, code) as ExitCode;
    const { apiRoot, state, version } = report;
    servers.push({ providerId, baseUrl: apiRoot, state, version, models: shown, findings });
  }
  if (modelId !== undefined && servers.every(({ models: shown }) => shown.length === 0))
    worst = Math.max(worst, EXIT.problemsFound) as ExitCode;
  output.result({ command: "models", ok: worst === EXIT.fine, servers });
  return worst;
}
