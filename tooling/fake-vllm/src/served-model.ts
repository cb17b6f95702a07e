import { createVllmBehaviour, defaultConfig } from "./vllm-behaviour.ts";

/** Name of the model that a recorded configuration serves, the first of its `/v1/models`. */
export function servedModelOf(config: string = defaultConfig): string {
  return createVllmBehaviour({ config, scenario: "demo", apiKey: undefined, countRunning: () => 0 }).model;
}
