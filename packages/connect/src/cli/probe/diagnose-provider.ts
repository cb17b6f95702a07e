import type { ServerReport } from "@vllm/discovery";
import {
  findIncludeOf,
  asObject,
  isForAgents,
  allFindings,
  diagnoseHost,
  providerBaseUrl,
  resolveKey,
  toHostModels,
  planProvider,
  heldBackUntil,
} from "@vllm/coderclaw-adapter/internal";
import type {
  AdapterFinding,
  HostSituation,
  Installation,
  HostModel,
  KeptField,
} from "@vllm/coderclaw-adapter/internal";
import type { CommandContext, OpenHost } from "../command-context.ts";
import type { ProbedBridge } from "./probe-through-bridge.ts";
import { probeThroughBridge } from "./probe-through-bridge.ts";

/** A provider of the host's configuration, its server, and what is wrong between them. */
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
  { config, location }: OpenHost,
  providerId: string,
  installation?: Installation,
): HostSituation {
  const { key, source } = resolveKey(config, providerId);
  return {
    host: location.host,
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
  host: OpenHost,
  situation: HostSituation,
  options: { baseUrl?: string | undefined; active: boolean },
): Promise<ProviderDiagnosis> {
  const { config, location } = host;
  const { providerId, keySource = "none" } = situation;
  const baseUrl = options.baseUrl ?? providerBaseUrl(config, providerId).baseUrl;
  const { report, bridge, findings } = await probeThroughBridge(context, host, {
    providerId,
    baseUrl,
    active: options.active,
  });
  const found = report.state === "ready" ? toHostModels(report.models, location.host) : undefined;
  const place = { host: location.host, providerId, hasBridge: bridge !== undefined };
  const ofHost = diagnoseHost({
    ...situation,
    report,
    found,
    kept: keptFields(host, providerId, found ?? []),
    includedFrom: await findIncludeOf(config.file.value, ["models", "providers", providerId], location.configPath),
  });
  const all = allFindings(findings, ofHost, place);
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
  { config, record }: OpenHost,
  providerId: string,
  models: readonly HostModel[],
): readonly KeptField[] {
  const { host } = config.location;
  const recorded = record.modelsOf(providerId);
  return planProvider({ config: config.value, host, providerId, baseUrl: "", models, recorded }).kept;
}
