import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { resolveProvider } from "@vllm/discovery";
import { DEFAULTS } from "@vllm/schema/core";
import { z } from "zod";
import { replaceFile } from "../config-file/replace-file.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue, isSameValue } from "../config-file/json-value.ts";
import type { Surroundings } from "../agents/agent-home.ts";
import { locateCoderClaw } from "../agents/locate-coderclaw.ts";
import { toHostModels } from "../provider/host-model.ts";
import { findProfileKey, readAuthProfiles } from "../secrets/auth-profile-store.ts";

/** The agent waits for the hook without a limit of its own; a look at a server takes a fraction of this. */
const TIMEOUT_MS = 1500;
/** How long an answer stays good, in ms. */
const FRESH_MS = 60_000;

export interface RefreshSettings {
  config: JsonObject | undefined;
  surroundings: Surroundings;
  warn(message: string): void;
  fetch?: typeof fetch | undefined;
}

/**
 * A `before_model_resolve` handler: writes the true windows of a server that the agent discovers by itself into
 * `models.json`, where the agent has put guesses a moment before. Never throws, never waits long, and leaves the file valid.
 */
export function createModelRefresh(settings: RefreshSettings): () => Promise<void> {
  let fresh: { until: number; provider: JsonObject } | undefined;
  return async () => {
    try {
      if (getValue(settings.config, ["models", "providers", DEFAULTS.providerId]) !== undefined) return;
      const location = locateCoderClaw(settings.surroundings);
      const store = location.authProfilesPath as string;
      if (fresh === undefined || fresh.until < Date.now()) {
        const provider = await discover(settings, store);
        if (provider === undefined) return;
        fresh = { until: Date.now() + FRESH_MS, provider };
      }
      await putProvider(join(dirname(store), "models.json"), fresh.provider);
    } catch (error) {
      settings.warn(`vLLM models were not refreshed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

async function discover(
  { config, surroundings, fetch }: RefreshSettings,
  store: string,
): Promise<JsonObject | undefined> {
  const auth = config?.["auth"];
  const authProfileKey = findProfileKey(await readAuthProfiles(store), DEFAULTS.providerId, asObject(auth));
  const { env } = surroundings;
  const { report } = await resolveProvider({
    config: undefined,
    // VLLM_BASE_URL too, which the agent itself does not read.
    env: {
      [DEFAULTS.apiKeyVariable]: env[DEFAULTS.apiKeyVariable],
      [DEFAULTS.baseUrlVariable]: env[DEFAULTS.baseUrlVariable],
    },
    hasAuthProfile: authProfileKey !== undefined,
    authProfileKey,
    timeoutMs: TIMEOUT_MS,
    fetch,
  });
  const models = toHostModels(report?.models ?? [], "coderclaw").map((model) => model.entry);
  if (report === undefined || models.length === 0) return undefined;
  return { baseUrl: report.apiRoot, api: DEFAULTS.api, apiKey: DEFAULTS.apiKeyVariable, models };
}

const engineModel = z.looseObject({
  id: z.string().min(1),
  name: z.string().min(1).optional(),
  api: z.string().min(1).optional(),
  cost: z
    .looseObject({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() })
    .optional(),
  contextWindow: z.number().positive().optional(),
  maxTokens: z.number().positive().optional(),
});

const engineProvider = z
  .looseObject({
    baseUrl: z.string().min(1).optional(),
    apiKey: z.string().min(1).optional(),
    api: z.string().min(1).optional(),
    models: z.array(engineModel).optional(),
    modelOverrides: z.looseObject({}).optional(),
  })
  .refine(({ baseUrl, apiKey, api, models = [], modelOverrides }) =>
    models.length === 0
      ? baseUrl !== undefined || modelOverrides !== undefined
      : baseUrl !== undefined && apiKey !== undefined && models.every((model) => (model.api ?? api) !== undefined),
  );

/** pi discards every custom model when one provider is invalid, so the whole file is checked (agent/coderclaw/models-json-valid). */
const modelsFileSchema = z.looseObject({ providers: z.record(z.string(), engineProvider) });

async function putProvider(path: string, provider: JsonObject): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  const current = modelsFileSchema.safeParse(text === undefined ? { providers: {} } : JSON.parse(text));
  if (!current.success) throw new Error(`${path} is not what the engine accepts, so it was left as it is`);
  if (isSameValue(current.data.providers[DEFAULTS.providerId], provider)) return;
  const next = { ...current.data, providers: { ...current.data.providers, [DEFAULTS.providerId]: provider } };
  modelsFileSchema.parse(next);
  await replaceFile(path, `${JSON.stringify(next, null, 2)}\n`);
}
