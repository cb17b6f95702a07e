import type { ModelRef } from "../model/model-ref.ts";
import { safeParseModelRef } from "../model/model-ref.ts";
import type { HostConfig } from "./host-config.ts";

/**
 * The model that `agents.defaults.model.primary` names, as the host reads it (host rule: `model-selection.ts`): `"provider/model-id"`;
 * without a slash an alias of `agents.defaults.models` in any case; else a model of `anthropic`.
 *
 * Undefined when nothing is set, or when the text names no model (`"vllm/"`): the host then uses its built-in default.
 */
export function resolvePrimaryModel(config: HostConfig): ModelRef | undefined {
  const defaults = config.agents?.defaults;
  const primary = defaults?.model?.primary?.trim();
  if (primary === undefined || primary === "") return undefined;
  if (primary.includes("/")) return safeParseModelRef(primary);
  const wanted = primary.toLowerCase();
  for (const [ref, { alias }] of Object.entries(defaults?.models ?? {})) {
    const model = safeParseModelRef(ref);
    if (model !== undefined && alias?.trim().toLowerCase() === wanted) return model;
  }
  return { provider: "anthropic", modelId: primary };
}
