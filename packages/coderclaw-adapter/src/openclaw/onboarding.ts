import type { ServerReport } from "@vllm/discovery";
import { discoverServer, pickDefaultModel } from "@vllm/discovery";
import { DEFAULTS, formatModelRef, VllmError, notServed } from "@vllm/schema/core";
import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import { findingsBeforeSetup } from "../findings/findings-before-setup.ts";
import { askForServer } from "../wizard/ask-for-server.ts";
import type { Environment } from "../agents/agent-home.ts";
import { openClawSetupCommand } from "../agents/plugin-ids.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import type { HostModel } from "../provider/host-model.ts";
import { toHostModels } from "../provider/host-model.ts";
import { planDefaultModel } from "../provider/plan-default-model.ts";
import { planProvider } from "../provider/plan-provider.ts";
import { toRecord } from "../setup/plan-setup.ts";
import { parseApiKey } from "../secrets/api-key.ts";
import { defaultProfileId } from "../secrets/auth-profile-store.ts";
import { serverAddress } from "./catalog.ts";
import type { AuthContext, AuthResult, NonInteractiveContext } from "./plugin-api.ts";
import type { LearnedProfiles } from "./learned-profiles.ts";
import type { OnboardingMemory } from "./onboarding-memory.ts";

export interface OnboardingSettings {
  providerId: string;
  env: Environment;
  profiles: LearnedProfiles;
  memory?: OnboardingMemory | undefined;
}

/** The wizard: address, key (blank for none), model from the served ones. */
export async function onboard({ config, prompter }: AuthContext, settings: OnboardingSettings): Promise<AuthResult> {
  const { providerId } = settings;
  const asked = await askForServer({
    prompter,
    agent: "openclaw",
    providerId,
    initialBaseUrl: serverAddress(config, settings) ?? DEFAULTS.baseUrl,
    look: (baseUrl, apiKey) => look(baseUrl, apiKey, settings),
  });
  const profile = { type: "api_key" as const, provider: providerId, key: asked.typedKey ?? "" };
  const provider = await plannedProvider(config, settings, {
    baseUrl: asked.apiRoot,
    models: asked.models,
    apiKey: asked.typedKey === undefined ? undefined : DEFAULTS.apiKeyVariable,
  });
  return {
    profiles: asked.typedKey === undefined ? [] : [{ profileId: defaultProfileId(providerId), credential: profile }],
    configPatch: { models: { mode: "merge", providers: { [providerId]: provider } } },
    defaultModel: formatModelRef({ provider: providerId, modelId: asked.modelId }),
    notes: [],
  };
}

/**
 * `openclaw onboard --non-interactive --auth-choice <id> [--custom-base-url U] [--custom-api-key K] [--custom-model-id M]`:
 * nothing is required, the server is asked, true windows are written.
 */
export async function onboardNonInteractive(
  { config, opts, runtime }: NonInteractiveContext,
  settings: OnboardingSettings,
): Promise<JsonObject | null> {
  const give = (message: string): null => {
    runtime.error(message);
    runtime.exit(1);
    return null;
  };
  const address = text(opts["customBaseUrl"]) ?? serverAddress(config, settings) ?? DEFAULTS.baseUrl;
  const flagKey = text(opts["customApiKey"]);
  const wanted = text(opts["customModelId"]);
  try {
    const apiKey = flagKey === undefined ? text(settings.env[DEFAULTS.apiKeyVariable]) : parseApiKey(flagKey);
    const report = await look(address, apiKey, settings);
    const models = toHostModels(report.models, "openclaw");
    if (report.state !== "ready" || models.length === 0) {
      const finding = report.findings.find(({ severity }) => severity === "error");
      return give(
        finding === undefined ? `${report.apiRoot} serves no chat model.` : `${finding.message}\n${finding.fix}`,
      );
    }
    const ids = models.map((model) => model.id);
    const modelId = wanted ?? (pickDefaultModel(report.models.filter(({ id }) => ids.includes(id)))?.id as string);
    if (!ids.includes(modelId)) {
      const { message, hint } = notServed(modelId, ids, { name: (id) => `--custom-model-id ${id}` });
      return give(`${message}\n${hint}`);
    }
    if (flagKey !== undefined && text(settings.env[DEFAULTS.apiKeyVariable]) !== apiKey) {
      runtime.log(
        `The key is not stored here: put ${DEFAULTS.apiKeyVariable} into OpenClaw's .env file, or run ${openClawSetupCommand(settings.providerId)}, which does.`,
      );
    }
    for (const { message, fix } of findingsBeforeSetup(report, models, {
      agent: "openclaw",
      providerId: settings.providerId,
    }))
      runtime.log(`${message}\n${fix}`);
    const provider = await plannedProvider(config, settings, {
      baseUrl: report.apiRoot,
      models,
      apiKey: apiKey === undefined ? undefined : DEFAULTS.apiKeyVariable,
    });
    const withProvider = applyEdits(config, [
      { path: ["models", "providers", settings.providerId], value: provider },
      ...(getValue(config, ["models", "mode"]) === undefined ? [{ path: ["models", "mode"], value: "merge" }] : []),
    ]);
    const plan = planDefaultModel(withProvider, "openclaw", { providerId: settings.providerId, modelId });
    runtime.log(`vLLM ${report.version ?? ""} at ${report.apiRoot}: ${ids.length} model(s). Default: ${plan.modelRef}`);
    return applyEdits(withProvider, plan.edits);
  } catch (error) {
    return give(VllmError.isInstance(error) ? `${error.message}\n${error.hint}` : String(error));
  }
}

async function look(
  baseUrl: string,
  apiKey: string | undefined,
  { profiles }: OnboardingSettings,
): Promise<ServerReport> {
  const report = await discoverServer({ baseUrl, apiKey });
  for (const model of report.models) profiles.set(report.apiRoot, model.profile);
  return report;
}

async function plannedProvider(
  config: JsonObject,
  { providerId, profiles, memory }: OnboardingSettings,
  found: { baseUrl: string; models: readonly HostModel[]; apiKey: string | undefined },
): Promise<JsonObject> {
  const { baseUrl: apiRoot, models } = found;
  const recorded = (await memory?.recorded()) ?? {};
  const plan = planProvider({ config, agent: "openclaw", providerId, recorded, ...found });
  await memory?.keep({
    apiRoot,
    profiles: models.flatMap(({ id }) => profiles.get(apiRoot, id) ?? []),
    record: toRecord(models, plan),
  });
  return getValue(applyEdits(config, plan.edits), ["models", "providers", providerId]) as JsonObject;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
