import type { CapabilityStatus, ModelProfile } from "@vllm/schema/core";
import type { DiscoveredModel } from "../report/server-report.ts";
import { isChat } from "./base-of.ts";

/** Agents need tools. Where nobody knows, a try is worth more than a model that is known not to call them. */
const ORDER: readonly CapabilityStatus[] = ["yes", "unknown", "no"];

/**
 * The model to use when nobody has named one: one that calls tools, before one of which that is not known, before one that does not.
 * Among equals the server's order decides. Models that do not chat are passed over.
 *
 * @param models `report.models` of {@link discoverServer}, or the profiles of models that chat
 * @returns undefined when no model chats
 */
export function pickDefaultModel<Model extends DiscoveredModel | ModelProfile>(
  models: readonly Model[],
): Model | undefined {
  const candidates = models.filter((model) => !("task" in model) || isChat(model));
  return ORDER.map((status) => candidates.find((model) => statusOf(model) === status)).find(
    (model) => model !== undefined,
  );
}

function statusOf(model: DiscoveredModel | ModelProfile): CapabilityStatus {
  return "profile" in model ? model.toolCalling.status : model.toolCalling.value;
}
