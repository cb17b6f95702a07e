import type { DiscoverServerOptions, DiscoveryCache, ServerReport } from "@vllm/discovery";
import { createDiscoveryCache } from "@vllm/discovery";
import { VllmError } from "@vllm/schema";
import type { Environment } from "../agents/agent-home.ts";
import { toHostModels } from "../provider/host-model.ts";
import type { AgentProviderConfig, ModelDefinitionConfig } from "./coderclaw-types.ts";
import { cleanApiKey, DEFAULTS, normalizeBaseUrl } from "@vllm/schema/core";

/** What CoderClaw's own functions do not have: where variables, warnings and requests go. Everything is optional. */
export interface DropInOptions {
  /** Default: `process.env`. Under `VITEST` or `NODE_ENV=test` nothing is asked, as in the agent, unless another one is given. */
  env?: Environment | undefined;
  /** Called once when no model could be had. Default: `console.warn`, as the agent does. */
  warn?: ((message: string) => void) | undefined;
  /** As for `discoverServer`. */
  tls?: DiscoverServerOptions["tls"];
  /** As for `discoverServer`. */
  proxy?: DiscoverServerOptions["proxy"];
  fetch?: typeof fetch | undefined;
  /** In ms, for all questions together. Default: 5000. */
  timeoutMs?: number | undefined;
  /** One for the whole process unless another is given: callers share a look, and a server that is off keeps the models it had. */
  cache?: DiscoveryCache | undefined;
  /** Asks the server even if it was asked a moment ago. */
  force?: boolean | undefined;
}

const sharedCache = createDiscoveryCache();

/**
 * Takes the place of CoderClaw's function of this name (`models-config.providers.ts`): the served models as entries, with their true
 * windows, each id once.
 *
 * Never throws: every failure is `[]` and one warning that says what is wrong and what to do.
 */
export async function discoverVllmModels(
  baseUrl: string,
  apiKey?: string,
  options: DropInOptions = {},
): Promise<ModelDefinitionConfig[]> {
  const env = options.env ?? process.env;
  if (isTestRun(env)) return [];
  const report = await look(baseUrl, apiKey, options);
  return report === undefined ? [] : toDefinitions(report, options);
}

/** Takes the place of CoderClaw's function of this name: the provider with the models that the server serves now. */
export async function buildVllmProvider(
  parameters: { baseUrl?: string | undefined; apiKey?: string | undefined } = {},
  options: DropInOptions = {},
): Promise<AgentProviderConfig> {
  const env = options.env ?? process.env;
  const address = parameters.baseUrl?.trim() || env[DEFAULTS.baseUrlVariable]?.trim() || DEFAULTS.baseUrl;
  const models = await discoverVllmModels(address, parameters.apiKey, options);
  return { baseUrl: apiRootOf(address), api: DEFAULTS.api, models };
}

/** Takes the place of CoderClaw's function of this name (`auth-choice.apply.local.ts`): ids for a menu. */
export async function discoverOpenAiCompatibleModels(
  baseUrl: string,
  apiKey?: string,
  options: DropInOptions = {},
): Promise<{ id: string; hint?: string }[]> {
  const models = await discoverVllmModels(baseUrl, apiKey, options);
  return models.map(({ id, contextWindow }) => ({ id, hint: `${contextWindow} tokens` }));
}

/** The agent asks nobody while its tests run. */
export function isTestRun(env: Environment): boolean {
  return (env["VITEST"] ?? "") !== "" || env["NODE_ENV"] === "test";
}

/** A report; undefined, after one warning, when the address is none. */
export async function look(
  baseUrl: string,
  apiKey: string | undefined,
  options: DropInOptions,
): Promise<ServerReport | undefined> {
  const { tls, proxy, fetch, timeoutMs, force, cache = sharedCache } = options;
  try {
    return await cache.discover({ baseUrl, apiKey: cleanApiKey(apiKey), tls, proxy, fetch, timeoutMs, force });
  } catch (error) {
    warn(VllmError.isInstance(error) ? `${error.message} ${error.hint}` : String(error), options);
    return undefined;
  }
}

export function toDefinitions(report: ServerReport, options: DropInOptions): ModelDefinitionConfig[] {
  const models = toHostModels(report.models, "coderclaw").map(
    (model) => model.entry as unknown as ModelDefinitionConfig,
  );
  if (models.length > 0) return models;
  const finding = report.findings.find(({ severity }) => severity === "error");
  const [message, fix] =
    finding !== undefined
      ? [finding.message, finding.fix]
      : report.error !== undefined
        ? [report.error.message, report.error.hint]
        : [`The server at ${report.apiRoot} serves no chat model.`, "Start vllm serve with a model that can chat."];
  warn(`${message} ${fix}`, options);
  return [];
}

export function apiRootOf(baseUrl: string): string {
  try {
    return normalizeBaseUrl(baseUrl).apiRoot;
  } catch {
    return baseUrl;
  }
}

function warn(message: string, options: DropInOptions): void {
  // oxlint-disable-next-line no-console -- the agent's own channel for this warning
  (options.warn ?? console.warn)(`vLLM models were not found: ${message}`);
}
