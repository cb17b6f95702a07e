import type { DiscoveredModel, DiscoveryStore, ServerReport } from "@vllm/discovery";
import { createDiscoveryCache } from "@vllm/discovery";
import { DEFAULTS, displayUrl, normalizeBaseUrl } from "@vllm/schema/core";
import type { JsonObject } from "../config-file/json-value.ts";
import { getValue, isObject } from "../config-file/json-value.ts";
import { substituteText } from "../agent-config/substitute.ts";
import type { Environment } from "../agents/agent-home.ts";
import { openClawSetupCommand } from "../agents/plugin-ids.ts";
import { toHostModels } from "../provider/host-model.ts";
import type { PluginLogger } from "./stream-types.ts";
import type { LearnedProfiles } from "./learned-profiles.ts";
import type { Learn } from "./turn.ts";

/** How long a look at the server stays good, in ms. */
const FRESH_MS = 30_000;
const TIMEOUT_MS = 4000;

export interface CatalogSettings {
  providerId: string;
  profiles: LearnedProfiles;
  logger: PluginLogger;
  env: Environment;
  /** Keeps what is known about servers beyond this process. */
  store?: DiscoveryStore | undefined;
}

export interface ServerLook {
  apiRoot: string;
  /** Entries as the agent holds them. */
  models: readonly JsonObject[];
  report: ServerReport;
}

/** Looks at the provider's server at most every 30 s, and keeps what it learns about the models. */
export interface Catalog {
  /** Undefined when the user has not said that there is a server. While it is off, the models it had. */
  look(
    config: unknown,
    key: { apiKey?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<ServerLook | undefined>;
  /** The last good look at this address, however old. */
  lastGood(baseUrl: string): ServerLook | undefined;
  /** Keeps what the end of a request says about a model: an error, or an answer with calls that the server itself read. */
  learn: Learn;
}

export function createCatalog(settings: CatalogSettings): Catalog {
  const cache = createDiscoveryCache({ ttlMs: FRESH_MS, store: settings.store });
  const good = new Map<string, ServerLook>();
  return {
    async look(config, { apiKey, signal }) {
      const baseUrl = serverAddress(config, settings);
      if (baseUrl === undefined) return undefined;
      const report = await cache.discover({ baseUrl, apiKey, signal, timeoutMs: TIMEOUT_MS });
      for (const model of report.models) settings.profiles.set(report.apiRoot, model.profile);
      const look = {
        apiRoot: report.apiRoot,
        models: toHostModels(report.models, "openclaw").map((model) => model.entry),
        report,
      };
      if (look.models.length > 0) good.set(report.apiRoot, look);
      const finding = report.findings.find(({ severity }) => severity === "error");
      if (finding !== undefined && report.state !== "ready") settings.logger.warn(`${finding.message} ${finding.fix}`);
      return look;
    },
    lastGood: (baseUrl) => good.get(normalizeBaseUrl(baseUrl).apiRoot),
    learn: (server, outcome) => void cache.learn(server, outcome),
  };
}

/** The configured address, else `VLLM_BASE_URL`, else vLLM's own when a key opts in. Undefined: nobody said that there is a server. */
export function serverAddress(
  config: unknown,
  { providerId, env }: Pick<CatalogSettings, "providerId" | "env">,
): string | undefined {
  const provider = getValue(config, ["models", "providers", providerId]);
  const written = isObject(provider) ? provider["baseUrl"] : undefined;
  if (typeof written === "string" && written.trim() !== "") return substituteText(written, env);
  const variable = env[DEFAULTS.baseUrlVariable]?.trim();
  if (variable !== undefined && variable !== "") return variable;
  return (env[DEFAULTS.apiKeyVariable]?.trim() ?? "") === "" ? undefined : DEFAULTS.baseUrl;
}

/** An entry as the agent's run time wants it. */
export function toRuntimeModel(entry: JsonObject, provider: string, baseUrl: string): JsonObject {
  return { ...entry, provider, api: DEFAULTS.api, baseUrl };
}

/** What to say about a model that is not there. */
export function unknownModelHint(
  { providerId, modelId }: { providerId: string; modelId: string },
  look: ServerLook | undefined,
  address: string | undefined,
): string {
  if (address === undefined)
    return `No vLLM server is set up: run \`${openClawSetupCommand(providerId)}\`, or set ${DEFAULTS.baseUrlVariable}.`;
  if (look === undefined)
    return `The vLLM server at ${displayUrl(address)} could not be asked: run \`npx @vllm/connect doctor --agent openclaw\`.`;
  const ids = look.report.models.map((model: DiscoveredModel) => model.id);
  return `The vLLM server at ${displayUrl(look.apiRoot)} serves ${ids.join(", ") || "no chat model"}, not ${modelId}.`;
}
