import { DEFAULTS, formatModelRef } from "@vllm/schema/core";
import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import type { DropInOptions } from "../drop-in/discover-vllm-models.ts";
import { look } from "../drop-in/discover-vllm-models.ts";
import { askAndPlan } from "../wizard/ask-and-plan.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import { canBeTyped } from "../provider/model-alias.ts";
import { KEYLESS_PLACEHOLDER, variableNameNotes } from "../secrets/api-key.ts";
import { defaultProfileId } from "../secrets/auth-profile-store.ts";
import type { CoderClawAuthContext, CoderClawAuthResult, CoderClawProvider } from "./plugin-api.ts";

/** `coderclaw models auth login --provider vllm`: finds the server, shows what it found, returns the patch. */
export function createCoderClawProvider(options: DropInOptions = {}): CoderClawProvider {
  return {
    id: DEFAULTS.providerId,
    label: "vLLM",
    docsPath: "/providers/vllm",
    aliases: ["vllm-local"],
    auth: [
      {
        id: "server",
        label: "Your vLLM server",
        hint: "Finds its models and their windows",
        kind: "custom",
        run: (context) => login(context, options),
      },
    ],
  };
}

async function login({ config, prompter }: CoderClawAuthContext, options: DropInOptions): Promise<CoderClawAuthResult> {
  const env = options.env ?? process.env;
  const { asked, plan } = await askAndPlan({
    config,
    prompter,
    env,
    look: (baseUrl, key, warn) => look(baseUrl, key, { ...options, warn }),
  });
  // The agent replaces lists instead of merging them, so that the patch holds the whole provider.
  const provider = getValue(applyEdits(config, plan.edits), ["models", "providers", DEFAULTS.providerId]) as JsonObject;
  const modelRef = formatModelRef({ provider: DEFAULTS.providerId, modelId: asked.modelId });
  const notes = plan.kept.map(
    ({ model, field, kept }) => `${model}: ${field} stays ${JSON.stringify(kept)}, as you wrote it.`,
  );
  notes.push(...variableNameNotes(asked.typedKey ?? "", env));
  if (!canBeTyped(asked.modelId))
    notes.push(
      `A chat's /model cannot spell ${asked.modelId}: serve it under a plain name (--served-model-name) to switch to it there.`,
    );
  const credential = {
    type: "api_key" as const,
    provider: DEFAULTS.providerId,
    key: asked.typedKey ?? KEYLESS_PLACEHOLDER,
  };
  return {
    profiles: [{ profileId: defaultProfileId(DEFAULTS.providerId), credential }],
    configPatch: { models: { providers: { [DEFAULTS.providerId]: provider } } },
    defaultModel: modelRef,
    notes,
  };
}
