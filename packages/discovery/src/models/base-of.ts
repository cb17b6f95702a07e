import type { DiscoveredModel } from "../report/server-report.ts";

/** Whether a model is offered for chats: it is one, or nobody said what it is. */
export function isChat(model: DiscoveredModel): boolean {
  return model.task === "chat" || model.task === "unknown";
}

/** What models that share a template have in common: the root of the model, or of an adapter's base model. */
export function baseOf(model: DiscoveredModel, models: readonly DiscoveredModel[]): string {
  const parent = model.parent === undefined ? undefined : models.find((other) => other.id === model.parent);
  const base = parent ?? model;
  return base.root ?? base.id;
}

/** One model of each base, the first, by {@link baseOf}. */
export function onePerBase(models: readonly DiscoveredModel[]): Map<string, DiscoveredModel> {
  const bases = new Map<string, DiscoveredModel>();
  for (const model of models) if (!bases.has(baseOf(model, models))) bases.set(baseOf(model, models), model);
  return bases;
}
