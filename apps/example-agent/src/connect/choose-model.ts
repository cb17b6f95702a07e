import type { ModelProfile, ModelRef } from "@vllm/schema";
import { pickDefaultModel } from "@vllm/discovery";
import { notServed, safeParseModelRef, VllmError } from "@vllm/schema";

export interface ChooseModelOptions {
  /** The provider's id: `vllm`, or `vllm-<name>`. */
  providerId: string;
  /** `--model`: an id as the server spells it, or `provider/id`. */
  wanted?: string | undefined;
  /** `agents.defaults.model.primary`, resolved. */
  primary?: ModelRef | undefined;
}

export interface ChosenModel {
  profile: ModelProfile;
  /** Why this one, fit to print. */
  reason: string;
}

/**
 * Which of the known models to use: `--model`, else the config's primary model, else the one that `pickDefaultModel` picks.
 *
 * @throws {VllmError} `MODEL_NOT_FOUND` with the ids that exist, nearest first.
 */
export function chooseModel(models: readonly ModelProfile[], options: ChooseModelOptions): ChosenModel {
  const { providerId, wanted, primary } = options;
  const find = (wantedId: string) => models.find(({ id }) => id === wantedId);
  if (wanted !== undefined) {
    const ref = safeParseModelRef(wanted);
    const profile = find(wanted) ?? (ref?.provider === providerId ? find(ref.modelId) : undefined);
    if (profile === undefined) throw modelNotFound(wanted, models);
    return { profile, reason: "named with --model" };
  }
  if (primary?.provider === providerId) {
    const profile = find(primary.modelId);
    if (profile === undefined) throw modelNotFound(primary.modelId, models);
    return { profile, reason: "agents.defaults.model.primary of the config" };
  }
  const best = pickDefaultModel(models);
  if (best === undefined) throw modelNotFound(undefined, []);
  const which = models.length === 1 ? "the only model here" : "chosen among several; choose another with --model";
  const passedOver = primary === undefined ? "" : `, since the config's primary model is one of ${primary.provider}`;
  return { profile: best, reason: `${which}${passedOver}` };
}

/** `wanted` is not among `models`. */
function modelNotFound(wanted: string | undefined, models: readonly ModelProfile[]): VllmError {
  const availableModels = models.map(({ id }) => id);
  if (wanted === undefined) {
    return new VllmError({
      code: "MODEL_NOT_FOUND",
      message: "The server serves no model that chats.",
      hint: "Start vLLM with one: vllm serve <model>.",
      availableModels,
    });
  }
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    ...notServed(wanted, availableModels),
    availableModels,
  });
}
