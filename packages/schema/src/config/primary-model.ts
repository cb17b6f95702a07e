import type { ModelRef } from "../model/model-ref.ts";
import { safeParseModelRef } from "../model/model-ref.ts";

/** The part of a config that names the default model. Loose, so that a config that nobody has checked fits, too. */
interface NamesDefaultModel {
  agents?: { defaults?: { model?: unknown; models?: unknown } | undefined } | undefined;
}

/**
 * The model that `agents.defaults.model.primary` (OpenClaw: also `agents.defaults.model` itself) names, as the agent reads it (agent rule:
 * `model-selection.ts`): `"provider/model-id"`; without a slash an alias of `agents.defaults.models` in any case; else a model of `anthropic`.
 *
 * Undefined when nothing is set, or when the text names no model (`"vllm/"`): the agent then uses its built-in default.
 */
export function resolvePrimaryModel(config: NamesDefaultModel): ModelRef | undefined {
  const defaults = config.agents?.defaults;
  const written = typeof defaults?.model === "string" ? defaults.model : valueOf(defaults?.model, "primary");
  const primary = typeof written === "string" ? written.trim() : "";
  if (primary === "") return undefined;
  if (primary.includes("/")) return safeParseModelRef(primary);
  return findModelAlias(defaults?.models, primary) ?? { provider: "anthropic", modelId: primary };
}

/** The model whose entry in `agents.defaults.models` has this alias, in any case; undefined for none. */
export function findModelAlias(models: unknown, word: string): ModelRef | undefined {
  const wanted = word.trim().toLowerCase();
  if (wanted === "") return undefined;
  for (const [ref, entry] of Object.entries(models ?? {})) {
    const model = safeParseModelRef(ref);
    const alias = valueOf(entry, "alias");
    if (model !== undefined && typeof alias === "string" && alias.trim().toLowerCase() === wanted) return model;
  }
  return undefined;
}

function valueOf(value: unknown, key: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[key];
}
