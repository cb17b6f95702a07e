import { getValue, isObject } from "../config-file/json-value.ts";

/** Whether the agent may go on with another model: `model.fallbacks` of the agents' defaults, or of one agent. */
export function hasFallbackModels(config: unknown): boolean {
  const entries = getValue(config, ["agents", "entries"]);
  const agents = [getValue(config, ["agents", "defaults"]), ...(isObject(entries) ? Object.values(entries) : [])];
  return agents.some((agent) => {
    const fallbacks = getValue(agent, ["model", "fallbacks"]);
    return Array.isArray(fallbacks) && fallbacks.length > 0;
  });
}
