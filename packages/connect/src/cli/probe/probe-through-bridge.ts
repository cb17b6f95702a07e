import type { ServerReport } from "@vllm/discovery";
import { normalizeBaseUrl } from "@vllm/schema/core";
import { askBridge, probeBridge } from "@vllm/bridge/internal";
import type { BridgeStatus } from "@vllm/bridge/internal";
import { bridgeKeyRefused, bridgeNotRunning, providerBaseUrl, resolveKey } from "@vllm/coderclaw-adapter/internal";
import type { AdapterFinding } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import { probeServer } from "./probe-server.ts";

/** The bridge between an agent and a server. */
export interface ProbedBridge {
  baseUrl: string;
  /** vLLM's address. */
  upstream: string;
  isRunning: boolean;
  /** Version of a bridge that runs. */
  version?: string | undefined;
}

export interface ProbedServer {
  /** Of vLLM: through the bridge when all is well, else of its upstream itself. */
  report: ServerReport;
  bridge?: ProbedBridge | undefined;
  /** What is wrong, with what is to be done first. */
  findings: readonly AdapterFinding[];
}

type Place = Parameters<typeof probeServer>[2];

/**
 * {@link probeServer} at what the agent asks, which may be a bridge: then it says whether that runs, and probes what is behind it. An active
 * probe asks vLLM itself where it can, since a bridge mends what the probe is to find.
 */
export async function probeThroughBridge(
  context: CommandContext,
  agent: OpenAgent,
  place: Place,
): Promise<ProbedServer> {
  const { terminal, options } = context;
  const { config, record } = agent;
  const { providerId, active = false } = place;
  const { apiRoot: baseUrl } = normalizeBaseUrl(place.baseUrl);
  const apiKey = place.apiKey ?? resolveKey(config, providerId).key;
  const probe = (at: string) => probeServer(context, config, { ...place, baseUrl: at });
  const asking = probeBridge({
    baseUrl,
    apiKey,
    tls: tlsOf(options),
    fetch: terminal.fetch,
    signal: terminal.signal,
  });
  const early = active ? await asking : undefined;
  const first = probe(early?.kind === "bridge" ? early.status.upstream : place.baseUrl);
  const [found, report] = await Promise.all([asking, first]);
  if (found.kind === "bridge") {
    const { status } = found;
    const { upstream, bridge: version } = status;
    const bridge = { baseUrl, upstream, isRunning: true, version };
    // The bridge itself sees a dead engine better than we do through it: it answers no request that a browser might have sent.
    const works = status.upstreamState === "ready";
    const isReady = report.state === "ready" && (active || works);
    if (isReady) return { report, bridge, findings: report.findings };
    const other = await probe(active ? place.baseUrl : upstream);
    const [ofVllm, ofBridge] = active ? [report, other] : [other, report];
    // The bridge may have another key for vLLM than the agent has for the bridge.
    const isRefused = ofVllm.state === "locked" && ofBridge.state !== "locked";
    // What the agent gets counts. What is wrong with vLLM is told best by vLLM.
    const isBest = ofVllm.state === "ready" || isRefused || (works && ofBridge.state === "ready");
    const shown = isBest ? ofBridge : ofVllm;
    return { report: shown, bridge, findings: shown.findings };
  }
  const recorded = record.bridgeOf(providerId);
  if (found.kind === "locked") {
    const bridge = recorded?.baseUrl === baseUrl ? { ...recorded, isRunning: true } : undefined;
    return { report, bridge, findings: [bridgeKeyRefused(baseUrl)] };
  }
  if (report.state !== "unreachable" || recorded?.baseUrl !== baseUrl) return { report, findings: report.findings };
  return {
    report,
    bridge: { ...recorded, isRunning: false },
    findings: [
      bridgeNotRunning({ ...recorded, agent: agent.location.agent, providerId, homeDirectory: terminal.homeDirectory }),
    ],
  };
}

/** The vLLM behind a provider's bridge, running or not; undefined when the provider has none. */
export async function findUpstream(
  { terminal, options }: CommandContext,
  { config, record }: OpenAgent,
  providerId: string,
): Promise<string | undefined> {
  const { baseUrl } = providerBaseUrl(config, providerId);
  const { key: apiKey } = resolveKey(config, providerId);
  const status: BridgeStatus | undefined = await askBridge({
    baseUrl,
    apiKey,
    tls: tlsOf(options),
    fetch: terminal.fetch,
    signal: terminal.signal,
  });
  if (status !== undefined) return status.upstream;
  const recorded = record.bridgeOf(providerId);
  return recorded?.baseUrl === normalizeBaseUrl(baseUrl).apiRoot ? recorded.upstream : undefined;
}
