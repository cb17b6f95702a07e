import type { ProviderConfig, ProviderConfigInput } from "@vllm/schema";
import type { ConfigPath } from "@vllm/schema/internal";
import { cleanApiKey, DEFAULTS, displayUrl, VllmError } from "@vllm/schema/core";
import { formatConfigPath, variableReference } from "@vllm/schema/internal";
import type { DiscoveryCache } from "../cache/create-discovery-cache.ts";
import type { Finding } from "../report/finding.ts";
import { toModelEntries } from "../models/to-model-entries.ts";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { discoverServer } from "../discover/discover-server.ts";
import type { ServerReport } from "../report/server-report.ts";
import type { HostConfigLike, ProviderDecision } from "./decide-provider.ts";
import { decideProvider } from "./decide-provider.ts";

/** The configuration and the environment that decide where the provider comes from. Only `env` is required. */
export interface ResolveProviderOptions {
  /** The agent's config, as `parseHostConfig` gives it. */
  config?: HostConfigLike | undefined;
  /** `process.env`, or what stands for it. */
  env: Readonly<Record<string, string | undefined>>;
  /** Whether the agent stores a key for provider `vllm`: it opts in to discovery just as `VLLM_API_KEY` does. */
  hasAuthProfile?: boolean | undefined;
  /** The key of that profile; `VLLM_API_KEY` wins over it (agent rule for discovery). */
  authProfileKey?: string | undefined;
  /** Answers from it, and the last good one when the server does not answer: `createDiscoveryCache()`. */
  cache?: DiscoveryCache | undefined;
  /** As for `discoverServer`. */
  probe?: DiscoverServerOptions["probe"];
  /** As for `discoverServer`. */
  tls?: DiscoverServerOptions["tls"];
  /** As for `discoverServer`. */
  proxy?: DiscoverServerOptions["proxy"];
  /** As for `discoverServer`. */
  logger?: DiscoverServerOptions["logger"];
  /** Used instead of our own transport. */
  fetch?: typeof fetch | undefined;
  /** Stops the discovery, which then throws `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** One deadline for all questions, in ms. Default: 5000. */
  timeoutMs?: number | undefined;
  /** As for `discoverServer`. */
  limits?: DiscoverServerOptions["limits"];
}

/**
 * Which vLLM provider to use, and why.
 *
 * - `explicit`: the config names it; no request was made
 * - `discovered`: a server was found, `provider` is complete
 * - `off`: the user has not opted in; no request was made
 * - `unavailable`: opted in, but there is no usable server, or the settings are broken
 */
export interface ProviderResolution {
  source: "explicit" | "discovered" | "off" | "unavailable";
  /** Key in `models.providers`: `vllm`, or `vllm-<name>`. */
  providerId: string;
  /** Explicit: as the user wrote it. Discovered: every model entry is complete, and `apiKey` is the variable's name, never the key. */
  provider?: ProviderConfigInput | ProviderConfig | undefined;
  /** One sentence, fit to print. */
  reason: string;
  /** What is wrong with the settings or the server; empty when nothing was asked. */
  findings: readonly Finding[];
  /** What the server showed, when it was asked. */
  report?: ServerReport | undefined;
}

/**
 * Decides where the vLLM provider comes from, and asks the server only where the rules say so.
 *
 * @throws {VllmError} `ABORTED` when `signal` says so
 */
export async function resolveProvider(options: ResolveProviderOptions): Promise<ProviderResolution> {
  const decision = decideProvider({
    config: options.config,
    env: options.env,
    hasAuthProfile: options.hasAuthProfile ?? false,
  });
  if (decision.kind === "explicit") return resolveExplicit(decision, options);
  if (decision.kind === "discover") return resolveDiscovered(decision, options);
  const { providerId, reason } = decision;
  return { source: "off", providerId, reason, findings: [] };
}

async function resolveExplicit(
  decision: Extract<ProviderDecision, { kind: "explicit" }>,
  options: ResolveProviderOptions,
): Promise<ProviderResolution> {
  const { providerId } = decision;
  // Whoever has a config has read it with zod already; others need not load it.
  const { providerConfigSchema } = await import("@vllm/schema");
  const read = providerConfigSchema.safeParse(decision.settings);
  if (!read.success) {
    const problems = read.error.issues.map(
      (issue) =>
        `${formatConfigPath(["models", "providers", providerId, ...(issue.path as ConfigPath)])}: ${issue.message}`,
    );
    const message = `models.providers.${providerId} cannot be used: ${problems.join("; ")}.`;
    const fix = "Correct the keys that are named, or remove the provider to have the server discovered.";
    return toUnusable(providerId, message, fix);
  }
  const variable = unsetKeyVariable(read.data.apiKey, options);
  const findings: Finding[] =
    variable === undefined
      ? []
      : [
          {
            code: "KEY_VARIABLE_UNSET",
            severity: "warning",
            message: `models.providers.${providerId}.apiKey refers to ${variable}, which is not set.`,
            fix: `Set ${variable} to the server's key, or to any text if the server has none.`,
          },
        ];
  return { source: "explicit", providerId, provider: read.data, reason: decision.reason, findings };
}

function unsetKeyVariable(apiKey: string | undefined, options: ResolveProviderOptions): string | undefined {
  const name = apiKey === DEFAULTS.apiKeyVariable ? apiKey : variableReference(apiKey ?? "");
  if (name === undefined || cleanApiKey(options.env[name]) !== undefined) return undefined;
  return name === DEFAULTS.apiKeyVariable && options.hasAuthProfile === true ? undefined : name;
}

async function resolveDiscovered(
  decision: Extract<ProviderDecision, { kind: "discover" }>,
  options: ResolveProviderOptions,
): Promise<ProviderResolution> {
  const { providerId, optedInBy } = decision;
  let report: ServerReport;
  try {
    const discover = options.cache === undefined ? discoverServer : options.cache.discover;
    report = await discover(toDiscoverOptions(decision.baseUrl, options));
  } catch (error) {
    if (!VllmError.isInstance(error) || error.code !== "CONFIG_INVALID") throw error;
    const isAddress = error.issues?.some(({ path }) => path === "baseUrl") ?? false;
    const message = isAddress ? `VLLM_BASE_URL is not usable: ${error.message}` : error.message;
    return toUnusable(providerId, message, error.hint);
  }
  const models = toModelEntries(report.models, { host: "coderclaw" });
  const where = displayUrl(report.apiRoot);
  const because = optedInBy === "VLLM_API_KEY" ? "VLLM_API_KEY is set" : "there is an auth profile for vllm";
  if (models.length === 0) {
    const finding = report.findings.find(({ severity }) => severity === "error");
    return {
      source: "unavailable",
      providerId,
      reason: `The server at ${where} was asked because ${because}, and it cannot be used: ${lowerFirst(finding?.message ?? "it serves no chat model.")}`,
      findings: report.findings,
      report,
    };
  }
  const server = report.version === undefined ? "a server" : `vLLM ${report.version}`;
  const what = models.length === 1 ? `the model ${models[0]?.id}` : `${models.length} models`;
  const found =
    report.modelsSeenAt === undefined
      ? `Found ${server} at ${where} with ${what}${report.healthy ? "" : `, and it does not work now (${report.findings[0]?.code ?? report.state})`}; it was asked because ${because}.`
      : `The server at ${where} gives no models now (${report.error?.code ?? report.state}), so ${what} of ${new Date(report.modelsSeenAt).toISOString()} ${models.length === 1 ? "is" : "are"} kept; it was asked because ${because}.`;
  return {
    source: "discovered",
    providerId,
    provider: {
      baseUrl: report.apiRoot,
      api: DEFAULTS.api,
      ...(optedInBy === "VLLM_API_KEY" ? { apiKey: DEFAULTS.apiKeyVariable } : {}),
      models,
    },
    reason: found,
    findings: report.findings,
    report,
  };
}

function toUnusable(providerId: string, message: string, fix: string): ProviderResolution {
  const finding: Finding = { code: "CONFIG_INVALID", severity: "error", message, fix };
  return { source: "unavailable", providerId, reason: message, findings: [finding] };
}

function toDiscoverOptions(baseUrl: string, options: ResolveProviderOptions): DiscoverServerOptions {
  const { tls, proxy, logger, fetch, signal, timeoutMs, limits, probe } = options;
  const apiKey = cleanApiKey(options.env[DEFAULTS.apiKeyVariable]) ?? cleanApiKey(options.authProfileKey);
  return { baseUrl, apiKey, tls, proxy, logger, fetch, signal, timeoutMs, limits, probe };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
