import { VllmError, type ModelProfile, type VllmClientOptions } from "@vllm/client";

/** What is known about a model; `undefined` for the model that the server picks. */
export type FindProfile = (
  modelId: string | undefined,
) => Partial<ModelProfile> | undefined | PromiseLike<Partial<ModelProfile> | undefined>;

/** Everything is optional. What `createVllmClient` takes, but for what the AI SDK does itself. */
export interface VllmProviderSettings extends Omit<VllmClientOptions, "model" | "retry" | "brokenCalls" | "profile"> {
  /** The AI SDK's spelling of `baseUrl`. */
  baseURL?: string | undefined;
  /**
   * What is known about the models, from `@vllm/discovery` or by hand: `reasoning: "none"` and `providerOptions.vllm.thinking` then switch
   * thinking in the way of the model's family, and the history has the form that its chat template accepts. A function is asked once for
   * each model, before its first request.
   */
  profile?: Partial<ModelProfile> | FindProfile | undefined;
}

/** Options of `createVllmClient` that are decided elsewhere in the AI SDK. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  model: 'Name the model where it is used: vllm("model").',
  retry: "Set maxRetries of streamText or generateText: the AI SDK sends again by itself.",
  brokenCalls:
    "Leave it out: the AI SDK runs the calls that it gets, so a broken one is always retried and never handed over.",
};

/** @throws {VllmError} `CONFIG_INVALID` for an option that is decided elsewhere; the client checks the others */
export function checkSettings(settings: object): void {
  for (const [name, hint] of Object.entries(ELSEWHERE)) {
    if (name in settings) {
      throw new VllmError({ code: "CONFIG_INVALID", message: `createVllm has no setting ${name}.`, hint });
    }
  }
}
