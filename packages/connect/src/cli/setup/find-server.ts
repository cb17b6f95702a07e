import { DEFAULTS, normalizeBaseUrl } from "@vllm/schema/core";
import {
  isError,
  keyVariable,
  providerBaseUrl,
  resolveKey,
  explainRefusal,
  parseApiKey,
} from "@vllm/coderclaw-adapter/internal";
import type { KeyChoice } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import type { ProbedServer } from "../probe/probe-through-bridge.ts";
import { probeThroughBridge } from "../probe/probe-through-bridge.ts";
import { askSecret, askText } from "../terminal/prompts.ts";
import { renderFindings } from "../ui/render-findings.ts";

/** The server of a setup, and the key that opens it. */
export interface FoundServer {
  probed: ProbedServer;
  key: KeyChoice;
}

interface Wanted {
  providerId: string;
  /** `--base-url`. */
  baseUrl: string | undefined;
  asks: boolean;
  /** The vLLM behind the bridge that the provider has already. */
  bridgeUpstream: string | undefined;
}

type Probe = (baseUrl: string, apiKey: string | undefined) => Promise<ProbedServer>;

/** Probes where the server should be; with a person at hand asks for the address until one answers, and for the key until it fits. */
export async function findServer(context: CommandContext, agent: OpenAgent, wanted: Wanted): Promise<FoundServer> {
  const { providerId, asks } = wanted;
  const probe: Probe = (baseUrl, apiKey) => probeThroughBridge(context, agent, { providerId, baseUrl, apiKey });
  const stored = resolveKey(agent.config, providerId);
  const given = keyOfVariable(agent, providerId, stored.key);
  const { baseUrl, probed } = await findAddress(context, agent, wanted, (address) => probe(address, given));
  if (probed.report.state === "locked") {
    const tried = given ?? stored.key;
    const successor = given === undefined ? successorOf(agent, providerId) : undefined;
    if (successor !== undefined && successor !== tried) {
      const opened = await probe(baseUrl, successor);
      if (opened.report.state !== "locked") return { probed: opened, key: { kind: "typed", key: successor } };
    }
    if (asks) return askForKey(context, probed, (key) => probe(baseUrl, key));
  }
  if (given !== undefined) return { probed, key: { kind: "typed", key: given } };
  return { probed, key: stored.key === undefined ? { kind: "none" } : { kind: "existing", source: stored.source } };
}

/** CoderClaw itself reads a variable for the provider vllm only; for a further server this command does, and stores the key. */
function keyOfVariable({ config }: OpenAgent, providerId: string, stored: string | undefined): string | undefined {
  const isNamed = stored !== undefined && stored !== DEFAULTS.apiKeyVariable;
  const value = isNamed ? undefined : config.env[keyVariable(providerId)];
  return value === undefined ? undefined : parseApiKey(value);
}

/** A key that is stored wins over the variable: when it is refused, the variable may be its successor. */
function successorOf({ config }: OpenAgent, providerId: string): string | undefined {
  const value = config.location.agent === "coderclaw" ? config.env[keyVariable(providerId)] : undefined;
  return value === undefined ? undefined : parseApiKey(value);
}

async function findAddress(
  context: CommandContext,
  { config }: OpenAgent,
  { providerId, baseUrl: named, bridgeUpstream, asks }: Wanted,
  probe: (baseUrl: string) => Promise<ProbedServer>,
): Promise<{ baseUrl: string; probed: ProbedServer }> {
  // Probed as it was given: what is wrong with the address itself is a finding, too.
  const given = named ?? bridgeUpstream ?? providerBaseUrl(config, providerId).baseUrl;
  let baseUrl = normalizeBaseUrl(given).apiRoot;
  if (!asks) return { baseUrl, probed: await probe(given) };
  // Most people's server is at the first place one would try: then the address is only to be confirmed.
  let probed = await probe(given);
  let isConfirmed = named !== undefined;
  while (!isConfirmed || probed.report.state === "unreachable") {
    const isFound = probed.report.state !== "unreachable";
    if (isConfirmed) context.output.say(`\n${renderFindings(probed.findings, context.output)}\n`);
    const typed = await askAddress(context, baseUrl, isFound);
    const { apiRoot } = normalizeBaseUrl(typed);
    if (!isFound || apiRoot !== baseUrl) probed = await probe(typed);
    baseUrl = apiRoot;
    isConfirmed = true;
  }
  return { baseUrl, probed };
}

function askAddress({ terminal, output }: CommandContext, suggestion: string, isFound: boolean): Promise<string> {
  return askText(terminal, {
    message: isFound ? `Your vLLM server ${output.colors.dim("(found: press Enter)")}` : "Address of your vLLM server",
    suggestion,
    validate: (value) => explainRefusal(() => normalizeBaseUrl(value)),
  });
}

async function askForKey(
  { terminal, output }: CommandContext,
  locked: ProbedServer,
  probe: (key: string) => Promise<ProbedServer>,
): Promise<FoundServer> {
  let probed = locked;
  for (;;) {
    const refused = probed.findings.filter(isError).map((finding) => ({ ...finding, fix: "" }));
    output.say(`\n${renderFindings(refused, output)}\n`);
    const typed = await askSecret(terminal, {
      message: `API key of ${probed.report.apiRoot}`,
      validate: (value) => explainRefusal(() => parseApiKey(value)),
    });
    const key = parseApiKey(typed);
    probed = await probe(key);
    if (probed.report.state !== "locked") return { probed, key: { kind: "typed", key } };
  }
}
