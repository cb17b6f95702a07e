/** The parts of OpenClaw's plugin API that are used (2026.9.6, `plugins/provider-plugin.types`). */
import type { JsonObject } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import type { AgentModelRow, PluginLogger, StreamFunction } from "./stream-types.ts";

export interface OpenClawPluginApi {
  config?: JsonObject | undefined;
  pluginConfig?: unknown;
  logger?: PluginLogger | undefined;
  registerProvider?(provider: OpenClawProvider): void;
  registerModelCatalogProvider?: unknown;
}

interface CatalogContext {
  config: JsonObject;
  env: Environment;
  signal?: AbortSignal | undefined;
  resolveProviderApiKey(providerId: string): { apiKey?: string | undefined; discoveryApiKey?: string | undefined };
}

export interface DynamicModelContext {
  config?: JsonObject | undefined;
  provider: string;
  modelId: string;
}

interface FailoverErrorContext {
  errorMessage: string;
}

export interface AuthContext {
  config: JsonObject;
  env?: Environment | undefined;
  prompter: WizardPrompter;
}

export interface AuthResult {
  profiles: { profileId: string; credential: { type: "api_key"; provider: string; key: string } }[];
  configPatch: JsonObject;
  defaultModel: string;
  notes: string[];
}

export interface NonInteractiveContext {
  config: JsonObject;
  opts: Readonly<Record<string, unknown>>;
  runtime: { log(message: string): void; error(message: string): void; exit(code: number): void };
}

export interface ThinkingLevel {
  id: string;
  label?: string;
}

export interface OpenClawProvider {
  id: string;
  label: string;
  docsPath: string;
  envVars: string[];
  auth: {
    id: string;
    label: string;
    hint: string;
    kind: "custom";
    run(context: AuthContext): Promise<AuthResult>;
    runNonInteractive(context: NonInteractiveContext): Promise<JsonObject | null>;
  }[];
  catalog: {
    order: "late";
    run(context: CatalogContext): Promise<object | null>;
  };
  prepareDynamicModel(context: DynamicModelContext): Promise<JsonObject | undefined>;
  resolveDynamicModel(context: DynamicModelContext): JsonObject | null;
  resolveSyntheticAuth(context: { config?: JsonObject | undefined; provider: string }): object | null;
  resolveThinkingProfile(context: { provider: string; modelId: string; reasoning?: boolean | undefined }): {
    levels: ThinkingLevel[];
    defaultLevel: string;
  } | null;
  buildReplayPolicy(): object;
  createStreamFn(context: { config?: JsonObject | undefined; model: AgentModelRow }): StreamFunction;
  matchesContextOverflowError(context: FailoverErrorContext): boolean | undefined;
  classifyFailoverReason(context: FailoverErrorContext): string | undefined;
  buildUnknownModelHint(context: { modelId: string; config?: JsonObject | undefined }): string;
  buildMissingAuthMessage(): string;
}
