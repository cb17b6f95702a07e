import type { ModelProfile, VllmClientOptions } from "@vllm/client";

/** What is known about a model; `undefined` for the model that the server picks. */
export type FindProfile = (
  modelId: string | undefined,
) => Partial<ModelProfile> | undefined | PromiseLike<Partial<ModelProfile> | undefined>;

/** Everything is optional. What `createVllmClient` takes, but for what the AI SDK does itself. */
export interface VllmProviderSettings extends Omit<
  VllmClientOptions,
  "model" | "retry" | "brokenCalls" | "profile"
> {
  /** The AI SDK's spelling of `baseUrl`. */
  baseURL?: string | undefined;
  /**
   * What is known about the models, from `@vllm/discovery` or by hand: `reasoning: "none"` and `providerOptions.vllm.thinking` then switch
   * thinking in the way of the model's family, and the history has the form that its chat template accepts. A function is asked once for
   * each model, before its first request.
   */
  profile?: Partial<ModelProfile> | FindProfile | undefined;
}
