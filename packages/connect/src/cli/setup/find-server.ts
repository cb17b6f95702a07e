import { DEFAULTS, normalizeBaseUrl } from "@vllm/schema/core";
import {
  isError,
  keyVariable,
  providerBaseUrl,
  resolveKey,
  problemOf,
  parseApiKey,
} from "@vllm/coderclaw-adapter/internal";
import type { ReadHostConfig, KeyChoice } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import type { ProbedServer } from "../probe/probe-through-bridge.ts";
import { probeThroughBridge } from "../probe/probe-through-bridge.ts";
import { askSecret, askText } from "../terminal/prompts.ts";
import { renderFindings } from "../ui/render-findings.ts";

/** The server of a setup, and the key that opens it. */
export interface FoundServer {
  probed: ProbedServer;
  key: KeyChoice;
}

/** Looks where the server should be; with a person at hand asks for the address until one answers, and for the key until it fits. */
export async function findServer(
  context: CommandContext,
  config: ReadHostConfig,
  {
    providerId,
    baseUrl: wanted,
    asks,
    bridgeUpstream,
  }: { providerId: string; baseUrl: string | undefined; asks: boolean; bridgeUpstream: string | undefined },
): Promise<FoundServer> {
  const candidate = wanted ?? bridgeUpstream ?? providerBaseUrl(config, providerId).baseUrl;
  const existing = resolveKey(config, providerId);
  const isNamed = existing.key !== undefined && existing.key !== DEFAULTS.apiKeyVariable;
  // CoderClaw itself reads a variable for the provider vllm only; for a further server this command does, and stores the key.
  const given = isNamed ? undefined : config.env[keyVariable(providerId)];
  const apiKey = given === undefined ? undefined : parseApiKey(given);
  let baseUrl = normalizeBaseUrl(candidate).apiRoot;
  let probed: ProbedServer | undefined;
  if (asks && wanted === undefined) {
    // Most people's server is at the first place one would look: then the address is only to be confirmed.
    probed = await probeThroughBridge(context, config, { providerId, baseUrl, apiKey });
    if (probed.report.state === "unreachable") probed = undefined;
    const typed = await askAddress(context, baseUrl, probed !== undefined);
    if (normalizeBaseUrl(typed).apiRoot !== baseUrl) probed = undefined;
    baseUrl = normalizeBaseUrl(typed).apiRoot;
  }
  probed ??= await probeThroughBridge(context, config, { providerId, baseUrl, apiKey });
  while (probed.report.state === "unreachable") {
    if (!asks) break;
    context.output.say(`\n${renderFindings(probed.findings, context.output)}\n`);
    baseUrl = normalizeBaseUrl(await askAddress(context, baseUrl, false)).apiRoot;
    probed = await probeThroughBridge(context, config, { providerId, baseUrl, apiKey });
  }
  // A key that is stored wins over the variable: when it is refused, the variable may be its successor.
  const successor = config.location.host === "coderclaw" ? config.env[keyVariable(providerId)] : undefined;
  if (
    probed.report.state === "locked" &&
    apiKey === undefined &&
    successor !== undefined &&
    successor !== existing.key
  ) {
    const key = parseApiKey(successor);
    const again = await probeThroughBridge(context, config, { providerId, baseUrl, apiKey: key });
    if (again.report.state !== "locked") return { probed: again, key: { kind: "typed", key } };
  }
  if (probed.report.state !== "locked" || !asks) {
    if (apiKey !== undefined) return { probed, key: { kind: "typed", key: apiKey } };
    const hasKey = existing.key !== undefined;
    return { probed, key: hasKey ? { kind: "existing", source: existing.source } : { kind: "none" } };
  }
  for (;;) {
    const refused = probed.findings.filter(isError).map((finding) => ({ ...finding, fix: "" }));
    context.output.say(`\n${renderFindings(refused, context.output)}\n`);
    const key = parseApiKey(
      await askSecret(context.terminal, {
        message: `API key of ${probed.report.apiRoot}`,
        validate: (value) => problemOf(() => parseApiKey(value)),
      }),
    );
    probed = await probeThroughBridge(context, config, { providerId, baseUrl, apiKey: key });
    if (probed.report.state !== "locked") return { probed, key: { kind: "typed", key } };
  }
}

function askAddress({ terminal, output }: CommandContext, initialValue: string, isFound: boolean): Promise<string> {
  return askText(terminal, {
    message: isFound ? `Your vLLM server ${output.colors.dim("(found: press Enter)")}` : "Address of your vLLM server",
    initialValue,
    placeholder: DEFAULTS.baseUrl,
    validate: (value) => problemOf(() => normalizeBaseUrl(value)),
  });
}
