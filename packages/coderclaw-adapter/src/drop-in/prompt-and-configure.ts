import { join } from "node:path";
import { DEFAULTS, formatModelRef } from "@vllm/schema/core";
import { fileError } from "../config-file/file-error.ts";
import { askAndPlan } from "../wizard/ask-and-plan.ts";
import { currentSurroundings } from "../agents/agent-home.ts";
import { locateCoderClaw } from "../agents/locate-coderclaw.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import { planDefaultModel } from "../provider/plan-default-model.ts";
import { KEYLESS_PLACEHOLDER, variableNameNotes } from "../secrets/api-key.ts";
import { defaultProfileId } from "../secrets/auth-profile-store.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import type { DropInOptions } from "./discover-vllm-models.ts";
import { isTestRun, look } from "./discover-vllm-models.ts";
import type { ApiKeyProfileUpsert } from "./coderclaw-types.ts";

/** Options of the questions; everything is optional. */
export interface VllmSetupOptions extends DropInOptions {
  /**
   * Stores the profile in place of this package, for example the agent's own `upsertAuthProfileWithLock`. A result of null is its way to
   * say that nothing was stored.
   */
  saveProfile?: ((profile: ApiKeyProfileUpsert) => Promise<unknown>) | undefined;
}

/** What CoderClaw's `promptAndConfigureVllm` returns: the configuration with the provider in it, and the model that was chosen. */
export interface ConfiguredVllm<Config> {
  config: Config;
  modelId: string;
  /** `vllm/<modelId>`. */
  modelRef: string;
}

/**
 * Takes the place of CoderClaw's function of this name (`commands/vllm-setup.ts`): asks for address, key and model, in this order; finds
 * the served models in between; stores the key as `vllm:default`; returns the configuration with the provider in it, its other models,
 * headers and settings kept.
 *
 * @throws {VllmError} `CONFIG_INVALID` when the key cannot be stored (the agent's own function ignores that).
 */
export async function promptAndConfigureVllm<Config extends object>(
  parameters: { cfg: Config; prompter: WizardPrompter; agentDir?: string | undefined },
  options: VllmSetupOptions = {},
): Promise<ConfiguredVllm<Config>> {
  const { cfg, prompter } = parameters;
  const env = options.env ?? process.env;
  const { asked, plan } = await askAndPlan({
    config: cfg,
    prompter,
    env,
    look: isTestRun(env) ? undefined : (baseUrl, key, warn) => look(baseUrl, key, { ...options, warn }),
  });
  const { modelId } = asked;
  const key = asked.typedKey ?? KEYLESS_PLACEHOLDER;
  for (const note of variableNameNotes(key, env)) await prompter.note(note, "vLLM API key");
  await saveKey(key, parameters.agentDir, options);
  return {
    config: applyEdits(cfg, plan.edits),
    modelId,
    modelRef: formatModelRef({ provider: DEFAULTS.providerId, modelId }),
  };
}

async function saveKey(key: string, agentDir: string | undefined, { saveProfile }: VllmSetupOptions): Promise<void> {
  const provider = DEFAULTS.providerId;
  if (saveProfile === undefined) {
    const location = agentDir?.trim() ? undefined : locateCoderClaw(currentSurroundings());
    const store = location?.authProfilesPath ?? join((agentDir as string).trim(), "auth-profiles.json");
    await saveApiKeyProfile(store, { provider, key }, { oauthPath: location?.oauthPath });
    return;
  }
  const profile = { profileId: defaultProfileId(provider), credential: { type: "api_key" as const, provider, key } };
  const stored = await saveProfile(agentDir === undefined ? profile : { ...profile, agentDir });
  if (stored !== null) return;
  throw fileError({
    message: "The agent could not store the API key.",
    hint: `Check that ${agentDir ?? "the agent's folder"} can be written and that no other program holds auth-profiles.json.lock there, then try again.`,
    received: "no stored profile",
    accepted: "a stored profile",
  });
}

/** What CoderClaw passes to the handlers of an authentication choice, as far as it is used here (`auth-choice.apply.ts`). */
export interface ApplyAuthChoiceParams<Config> {
  authChoice: string;
  config: Config;
  prompter: WizardPrompter;
  agentDir?: string | undefined;
  setDefaultModel: boolean;
}

/**
 * Takes the place of CoderClaw's function of this name (`auth-choice.apply.vllm.ts`).
 *
 * @returns null when another choice was made.
 */
export async function applyAuthChoiceVllm<Config extends object>(
  parameters: ApplyAuthChoiceParams<Config>,
  options: VllmSetupOptions = {},
): Promise<{ config: Config; agentModelOverride?: string } | null> {
  if (parameters.authChoice !== DEFAULTS.providerId) return null;
  const { config, prompter, agentDir, setDefaultModel } = parameters;
  const configured = await promptAndConfigureVllm({ cfg: config, prompter, agentDir }, options);
  if (!setDefaultModel) return { config: configured.config, agentModelOverride: configured.modelRef };
  const plan = planDefaultModel(configured.config, "coderclaw", {
    providerId: DEFAULTS.providerId,
    modelId: configured.modelId,
  });
  await prompter.note([`Default model set to ${plan.modelRef}`, ...plan.notes].join("\n"), "Model configured");
  return { config: applyEdits(configured.config, plan.edits) };
}
