import type { ModelProfile, ModelRef } from "@vllm/schema";
import { VllmError, nearest, safeParseModelRef } from "@vllm/schema";

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
 * Which of the known models to use: `--model`, else the config's primary model, else the first.
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
  const [first] = models;
  if (first === undefined) throw modelNotFound(undefined, []);
  const which = models.length === 1 ? "the only model here" : "the first of the list; choose another with --model";
  const passedOver = primary === undefined ? "" : `, since the config's primary model is one of ${primary.provider}`;
  return { profile: first, reason: `${which}${passedOver}` };
}

/** `wanted` is not among `models`. */
function modelNotFound(wanted: string | undefined, models: readonly ModelProfile[]): VllmError {
  const ids = models.map(({ id }) => id);
  const sorted = wanted === undefined ? ids : nearestFirst(wanted, ids);
  const suggestion = wanted === undefined ? undefined : nearest(wanted, ids);
  const there = sorted.length === 0 ? "No model is known here." : `These are: ${sorted.join(", ")}.`;
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message:
      wanted === undefined
        ? "The server serves no model to chat with."
        : `The model "${wanted}" is not served here. ${there}`,
    hint:
      suggestion === undefined
        ? "Name one of the served ids with --model, or start a server with it: vllm serve <model>."
        : `Did you mean "${suggestion}"?`,
    availableModels: sorted,
    suggestion,
  });
}

function nearestFirst(wanted: string, ids: readonly string[]): string[] {
  const sorted: string[] = [];
  let rest = [...ids];
  for (let next = nearest(wanted, rest); next !== undefined; next = nearest(wanted, rest)) {
    sorted.push(next);
    rest = rest.filter((id) => id !== next);
  }
  return [...sorted, ...rest];
}
