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
