import type { HostConfig, ModelProfile } from "@vllm/schema";
import { DEFAULTS, normalizeBaseUrl, VllmError } from "@vllm/schema";
import type { HostWindow, ServerReport } from "@vllm/discovery";
import { diagnose, discoverServer, resolveProvider, toModelEntries } from "@vllm/discovery";
import type { ConnectEvent } from "./connect-event.ts";
import { toModelEvent } from "./connect-event.ts";
import { resolveKey } from "./resolve-key.ts";
import { toConfigProfile } from "./to-config-profile.ts";

export interface FindServerOptions {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** The key in the agent's auth profile for vLLM; it opts in to discovery as `VLLM_API_KEY` does. */
  profileKey?: string | undefined;
  /** Starts the server that answers when nobody named one and none was found. Absent: that is an error. */
  startEmbedded?: (() => Promise<EmbeddedServer>) | undefined;
}

export interface EmbeddedServer {
  baseUrl: string;
  /** What it is, fit to print. */
  description: string;
  close(): Promise<void>;
}

/** Where to find a server, before anything is known about its models. */
export interface FoundServer {
  baseUrl: string;
  apiKey: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  providerId: string;
  /** True when the models come from the config, so that the server is not asked for them. */
  isExplicit: boolean;
  models: readonly ModelProfile[];
  close?: (() => Promise<void>) | undefined;
}

/** By `resolveProvider`: the config's provider, else discovery if opted in; else the embedded server. */
export async function findByRules(
  config: HostConfig | undefined,
  options: FindServerOptions,
  emit: (event: ConnectEvent) => void,
): Promise<FoundServer> {
  const { env, signal, profileKey } = options;
  const resolution = await resolveProvider({
    config,
    env,
    signal,
    hasAuthProfile: profileKey !== undefined,
    authProfileKey: profileKey,
  });
  const { source, providerId, provider, report, reason } = resolution;
  const named = env[DEFAULTS.baseUrlVariable]?.trim();

  if (source === "off") {
    if (named) return findNamed(named, `${reason} VLLM_BASE_URL names a server, so that one is used.`, options, emit);
    emit({ type: "provider", source, reason });
    return findEmbedded(
      options,
      emit,
      new VllmError({
        code: "CONFIG_INVALID",
        message: "No server is named, and discovery is off.",
        hint: "Name one with --base-url http://127.0.0.1:8000/v1 or in a config (--config), or set VLLM_API_KEY to have it looked for. `npx --yes pnpm@12 demo` shows the flow without a server.",
      }),
    );
  }

  const key = resolveKey(provider?.apiKey ?? DEFAULTS.apiKeyVariable, providerId, options);
  emit({ type: "provider", source, reason, keySource: key.source });
  if (source === "explicit" && provider !== undefined) {
    for (const finding of resolution.findings) emit({ type: "finding", ...finding });
    const models = provider.models.map(toConfigProfile);
    for (const model of models) emit(toModelEvent(model));
    const { apiRoot } = normalizeBaseUrl(provider.baseUrl);
    return { baseUrl: apiRoot, apiKey: key.apiKey, headers: provider.headers, providerId, isExplicit: true, models };
  }
  if (source === "discovered" && report !== undefined) {
    return { ...toFound(report, key.apiKey, emit), providerId };
  }
  const failure =
    failureOf(report) ??
    new VllmError({
      code: "CONFIG_INVALID",
      message: reason,
      hint:
        resolution.findings.find(({ severity }) => severity === "error")?.fix ?? "Check VLLM_BASE_URL and the config.",
    });
  if (report?.state === "unreachable" && !named) return findEmbedded(options, emit, failure);
  throw failure;
}

/** A server that the person named: it is that one or none. */
export async function findNamed(
  baseUrl: string,
  reason: string,
  options: FindServerOptions,
  emit: (event: ConnectEvent) => void,
): Promise<FoundServer> {
  normalizeBaseUrl(baseUrl);
  const key = resolveKey(undefined, DEFAULTS.providerId, options);
  emit({ type: "provider", source: "option", reason, keySource: key.source });
  const report = await discoverServer({ baseUrl, apiKey: key.apiKey, signal: options.signal });
  return toFound(report, key.apiKey, emit);
}

async function findEmbedded(
  { startEmbedded, signal }: FindServerOptions,
  emit: (event: ConnectEvent) => void,
  otherwise: VllmError,
): Promise<FoundServer> {
  if (startEmbedded === undefined) throw otherwise;
  const server = await startEmbedded();
  try {
    emit({ type: "embedded_server", baseUrl: server.baseUrl, message: server.description });
    const report = await discoverServer({ baseUrl: server.baseUrl, signal });
    return { ...toFound(report, undefined, emit), close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The agent fits its history into any window; what CoderClaw would say about a small one is not its affair. */
const AGENT_WINDOW: HostWindow = { host: "this agent", refusedBelow: 0, ownPrompt: 0 };

/** @throws {VllmError} when the server cannot be chatted with. */
export function toFound(
  report: ServerReport,
  apiKey: string | undefined,
  emit: (event: ConnectEvent) => void,
): FoundServer {
  const { apiRoot: baseUrl, kind, version, state } = report;
  const chatIds = new Set(toModelEntries(report.models, { host: "coderclaw" }).map(({ id }) => id));
  const models = report.models.map(({ profile }) => profile).filter(({ id }) => chatIds.has(id));
  const failure = models.length === 0 ? failureOf(report) : undefined;
  if (failure !== undefined) throw failure;
  emit({ type: "server", baseUrl, kind, version, state });
  for (const model of models) emit(toModelEvent(model));
  for (const finding of diagnose(report, { hostWindow: AGENT_WINDOW })) emit({ type: "finding", ...finding });
  return { baseUrl, apiKey, providerId: DEFAULTS.providerId, isExplicit: false, models };
}

function failureOf(report: ServerReport | undefined): VllmError | undefined {
  if (report === undefined || report.error !== undefined) return report?.error;
  const [finding] = report.findings;
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message: finding?.message ?? `The server at ${report.apiRoot} serves no model to chat with.`,
    hint: finding?.fix ?? "Start it with a chat model: vllm serve <model>.",
    availableModels: report.models.map(({ id }) => id),
  });
}
