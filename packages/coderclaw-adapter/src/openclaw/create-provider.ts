import type { DiscoveryStore } from "@vllm/discovery";
import { DEFAULTS } from "@vllm/schema/core";
import { getValue, isObject } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import { OPENCLAW_ENV_VARIABLES, openClawSetupCommand } from "../agents/plugin-ids.ts";
import { createCatalog, serverAddress, toRuntimeModel, unknownModelHint } from "./catalog.ts";
import { createStreamFunction } from "./create-stream-function.ts";
import { failoverReasonOf, isContextOverflow } from "./error-text.ts";
import type { DynamicModelContext, OpenClawProvider } from "./plugin-api.ts";
import type { PluginLogger } from "./stream-types.ts";
import type { LearnedProfiles } from "./learned-profiles.ts";
import { hasFallbackModels } from "./fallback-models.ts";
import { onboard, onboardNonInteractive } from "./onboarding.ts";
import type { OnboardingMemory } from "./onboarding-memory.ts";
import { toThinkingProfile } from "./thinking-profile.ts";

export interface ProviderSettings {
  providerId: string;
  env: Environment;
  logger: PluginLogger;
  profiles: LearnedProfiles;
  firstTokenSeconds: number;
  idleSeconds: number;
  recoverToolCalls: boolean;
  /** Keeps what is known about servers beyond this process. */
  store?: DiscoveryStore | undefined;
  memory?: OnboardingMemory | undefined;
}

/** Stands for "no key" inside the agent, which insists on one. Never sent. */
const KEYLESS_KEY = "vllm-keyless";
/** What the agent itself puts in for a local server without a key. */
const AGENT_KEYLESS_KEYS = [KEYLESS_KEY, "custom-local", "ollama-local", ...OPENCLAW_ENV_VARIABLES];

/** The OpenClaw provider: catalog, models that are not configured, onboarding, servers without a key, and our own stream. */
export function createOpenClawProvider(settings: ProviderSettings): OpenClawProvider {
  const { providerId, env, profiles, logger } = settings;
  const catalog = createCatalog({ providerId, env, profiles, logger, store: settings.store });
  const keylessMarkers = [...AGENT_KEYLESS_KEYS, env[DEFAULTS.baseUrlVariable]?.trim() ?? ""];
  const isSent = (key: string | undefined): boolean => key !== undefined && !keylessMarkers.includes(key);
  const streamSettings = {
    profiles,
    logger,
    firstTokenMs: settings.firstTokenSeconds * 1000,
    idleMs: settings.idleSeconds * 1000,
    recoverToolCalls: settings.recoverToolCalls,
    keylessMarkers,
    learn: catalog.learn,
  };
  const stream = createStreamFunction({ ...streamSettings, hasFallbacks: false });
  const streamWithFallbacks = createStreamFunction({ ...streamSettings, hasFallbacks: true });
  const envKey = (): string | undefined => env[DEFAULTS.apiKeyVariable]?.trim() || undefined;

  return {
    id: providerId,
    label: "vLLM",
    docsPath: "/providers/vllm",
    envVars: [...OPENCLAW_ENV_VARIABLES],
    auth: [
      {
        id: "server",
        label: "Your vLLM server",
        hint: "Finds its models and their windows; a key only if it requires one",
        kind: "custom",
        run: (context) => onboard(context, settings),
        runNonInteractive: (context) => onboardNonInteractive(context, settings),
      },
    ],
    catalog: {
      order: "late",
      async run({ config, signal, resolveProviderApiKey }) {
        const { apiKey, discoveryApiKey } = resolveProviderApiKey(providerId);
        const key = [discoveryApiKey, apiKey].find(isSent);
        const look = await catalog.look(config, { apiKey: key ?? envKey(), signal });
        if (look === undefined || look.models.length === 0) return null;
        return {
          provider: {
            baseUrl: look.apiRoot,
            api: DEFAULTS.api,
            ...(apiKey === undefined ? {} : { apiKey }),
            models: look.models,
          },
        };
      },
    },
    async prepareDynamicModel({ config, provider, modelId }) {
      const look = await catalog.look(config, { apiKey: envKey() }).catch(() => undefined);
      const entry = look?.models.find((model) => model["id"] === modelId);
      return entry === undefined || look === undefined ? undefined : toRuntimeModel(entry, provider, look.apiRoot);
    },
    resolveDynamicModel({ config, provider, modelId }: DynamicModelContext) {
      const address = serverAddress(config, settings);
      const look = address === undefined ? undefined : catalog.lastGood(address);
      const entry = look?.models.find((model) => model["id"] === modelId);
      return entry === undefined || look === undefined ? null : toRuntimeModel(entry, provider, look.apiRoot);
    },
    resolveSyntheticAuth({ config }) {
      const configured = getValue(config, ["models", "providers", providerId]);
      const hasKey = envKey() !== undefined || (isObject(configured) && configured["apiKey"] !== undefined);
      return hasKey ? null : { apiKey: KEYLESS_KEY, source: "a vLLM server without a key", mode: "api-key" };
    },
    resolveThinkingProfile: ({ modelId, reasoning }) => toThinkingProfile(profiles, modelId, reasoning),
    // Ids are left as vLLM made them, and thoughts stay in the history: our stream sends both back.
    buildReplayPolicy: () => ({
      sanitizeToolCallIds: false,
      preserveSignatures: true,
      dropThinkingBlocks: false,
      dropReasoningFromHistory: false,
      repairToolUseResultPairing: true,
      allowSyntheticToolResults: true,
    }),
    createStreamFn: ({ config }) => (hasFallbackModels(config) ? streamWithFallbacks : stream),
    matchesContextOverflowError: ({ errorMessage }) => isContextOverflow(errorMessage) || undefined,
    classifyFailoverReason: ({ errorMessage }) => failoverReasonOf(errorMessage),
    buildUnknownModelHint({ modelId, config }) {
      const address = serverAddress(config, settings);
      const look = address === undefined ? undefined : catalog.lastGood(address);
      return unknownModelHint({ providerId, modelId }, look, address);
    },
    buildMissingAuthMessage: () =>
      `No key for ${providerId}. For a server without a key run \`${openClawSetupCommand(providerId)}\`; for one with a key set VLLM_API_KEY.`,
  };
}
