import { isRecord } from "@vllm/schema/internal";

/** A model that the server serves. Routers leave out all but the id. Source: `ModelCard`, vLLM 0.32.0 `entrypoints/openai/models/protocol.py`. */
export interface ServedModel {
  /** The name to send as `model`. */
  id: string;
  /** The model's window in tokens, prompt and answer; of an adapter, its base model's. */
  maxModelLen?: number | undefined;
  /** What the served names of one model have in common: where it was loaded from. */
  root?: string | undefined;
  /** The base model of a LoRA adapter. */
  parent?: string | undefined;
}

/** The models of an answer to `GET /v1/models`; undefined when it is not a list. */
export function toServedModels(answer: unknown): ServedModel[] | undefined {
  const cards: unknown = isRecord(answer) ? answer["data"] : undefined;
  if (!Array.isArray(cards)) return undefined;
  const models = cards.flatMap((card: unknown) => {
    if (!isRecord(card) || typeof card["id"] !== "string") return [];
    const { id, root, parent, max_model_len: maxModelLen } = card;
    return [
      {
        id,
        ...(typeof maxModelLen === "number" ? { maxModelLen } : {}),
        ...(typeof root === "string" ? { root } : {}),
        ...(typeof parent === "string" ? { parent } : {}),
      },
    ];
  });
  const windows = new Map(models.map(({ id, maxModelLen }) => [id, maxModelLen]));
  return models.map((model) => {
    const maxModelLen = model.maxModelLen ?? windows.get(model.parent ?? "");
    return maxModelLen === undefined ? model : { ...model, maxModelLen };
  });
}
