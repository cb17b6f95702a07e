import type { FactSource } from "@vllm/schema/core";
import type { ModelCard } from "@vllm/schema";
import { cleanModelId } from "./clean-model-id.ts";

/** One served id, as `/v1/models` describes it. */
export interface ListedModel {
  id: string;
  root: string | undefined;
  parent: string | undefined;
  ownedBy: string | undefined;
  /** Tokens, with the name of the field that said it. */
  window: { value: number; source: FactSource; field: string } | undefined;
}

export interface ModelList {
  models: readonly ListedModel[];
  refused: readonly { id: string; why: string }[];
  /** True when the list goes on after the last entry that was read. */
  isLonger: boolean;
}

/** Entries that are read. Models are compared with each other, and no vLLM or router lists as many. */
export const MOST_MODELS = 1000;

/**
 * The body of `GET /v1/models` → the served models in the server's order, each id once. A LoRA adapter takes its parent's window.
 * Undefined when the body is no model list.
 */
export function readModelList(body: unknown): ModelList | undefined {
  const data = (body as { data?: unknown } | null | undefined)?.data;
  if (!Array.isArray(data)) return undefined;
  const models = new Map<string, ListedModel>();
  const refused: { id: string; why: string }[] = [];
  for (const entry of (data as readonly unknown[]).slice(0, MOST_MODELS)) {
    const cleaned = cleanModelId((entry as { id?: unknown } | null | undefined)?.id);
    if (!("id" in cleaned)) refused.push({ id: cleaned.shown, why: cleaned.why });
    else if (models.has(cleaned.id)) refused.push({ id: cleaned.id, why: "is listed twice" });
    else models.set(cleaned.id, toListedModel(cleaned.id, entry as LooseCard));
  }
  return {
    models: [...models.values()].map((model) => inheritWindow(model, models)),
    refused,
    isLonger: data.length > MOST_MODELS,
  };
}

/** Read by hand: a router may leave out any field, and one of an unexpected type must not cost the whole entry. */
type LooseCard = { readonly [Key in keyof ModelCard]?: unknown };

function toListedModel(id: string, card: LooseCard): ListedModel {
  return { id, root: text(card.root), parent: text(card.parent), ownedBy: text(card.owned_by), window: windowOf(card) };
}

function windowOf(card: LooseCard): ListedModel["window"] {
  const fields: readonly [string, FactSource, unknown][] = [
    ["max_model_len", "server", card.max_model_len],
    ["max_input_tokens", "gateway", card.max_input_tokens],
    [
      "metadata.max_request_context_length",
      "gateway",
      (card.metadata as { max_request_context_length?: unknown } | null | undefined)?.max_request_context_length,
    ],
  ];
  for (const [field, source, value] of fields) {
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return { value, source, field };
  }
  return undefined;
}

function inheritWindow(model: ListedModel, models: ReadonlyMap<string, ListedModel>): ListedModel {
  if (model.window !== undefined || model.parent === undefined) return model;
  const parent = models.get(model.parent) ?? [...models.values()].find((other) => other.root === model.parent);
  if (parent?.window === undefined || parent === model) return model;
  return { ...model, window: { ...parent.window, field: `${parent.window.field} of its parent ${parent.id}` } };
}

function text(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const cleaned = cleanModelId(value);
  return "id" in cleaned ? cleaned.id : undefined;
}
