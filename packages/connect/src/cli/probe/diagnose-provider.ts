import type { ServerReport } from "@vllm/discovery";
import {
  findIncludeOf,
  asObject,
  isForAgents,
  allFindings,
  diagnoseAgent,
  providerBaseUrl,
  resolveKey,
  toHostModels,
  planProvider,
  heldBackUntil,
} from "@vllm/coderclaw-adapter/internal";
import type {
  AdapterFinding,
  AgentSituation,
  Installation,
  HostModel,
  KeptField,
} from "@vllm/coderclaw-adapter/internal";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import type { ProbedBridge } from "./probe-through-bridge.ts";
import { probeThroughBridge } from "./probe-through-bridge.ts";

/** A provider of the agent's configuration, its server, and what is wrong between them. */
export interface ProviderDiagnosis {
  providerId: string;
  keySource: string;
  report: ServerReport;
  bridge: ProbedBridge | undefined;
  findings: AdapterFinding[];
  /** Those that a person can do something with; what was said of an earlier server is left out. */
  shown: AdapterFinding[];
}

/** What the rules get before a server is probed. */
export function situationOf(
  { config, location }: OpenAgent,
  providerId: string,
  installation?: Installation,
): AgentSituation {
  const { key, source } = resolveKey(config, providerId);
  return {
    agent: location.agent,
    config: config.value,
    env: config.env,
    missingVariables: config.missingVariables,
    providerId,
    key,
    keySource: source,
    keyHeldBackUntil: heldBackUntil(config.profiles, providerId, asObject(config.value["auth"])),
    installation,
  };
}

/** Probes the server of one provider, through a bridge if one is in between, and compares it with the configuration. */
export async function diagnoseProvider(
  context: CommandContext,
  agent: OpenAgent,
  situation: AgentSituation,
  options: { baseUrl?: string | undefined; active: boolean; isAboutServer: boolean },
): Promise<ProviderDiagnosis> {
  const { config, location } = agent;
  const { providerId, keySource = "none" } = situation;
  const baseUrl = options.baseUrl ?? providerBaseUrl(config, providerId).baseUrl;
  const { report, bridge, findings } = await probeThroughBridge(context, agent, {
    providerId,
    baseUrl,
    active: options.active,
  });
  const found = report.state === "ready" ? toHostModels(report.models, location.agent) : undefined;
  const place = { agent: location.agent, providerId, hasBridge: bridge !== undefined };
  const ofAgent = options.isAboutServer
    ? []
    : diagnoseAgent({
        ...situation,
        report,
        found,
        kept: keptFields(agent, providerId, found ?? []),
        includedFrom: await findIncludeOf(config.file.value, ["models", "providers", providerId], location.configPath),
      });
  const all = allFindings(findings, ofAgent, place);
  return {
    providerId,
    keySource,
    report,
    bridge,
    findings: all,
    // While the server does not work, what is merely good to know can wait.
    shown: all.filter(
      (finding) => isForAgents(finding, place) && (report.state === "ready" || finding.severity !== "info"),
    ),
  };
}

/** What `sync` would leave alone, because the user wrote it. */
function keptFields(
  { config, record }: OpenAgent,
  providerId: string,
  models: readonly HostModel[],
): readonly KeptField[] {
  const { agent } = config.location;
  const recorded = record.modelsOf(providerId);
  return planProvider({ config: config.value, agent, providerId, baseUrl: "", models, recorded }).kept;
}
