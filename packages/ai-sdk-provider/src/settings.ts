import { VllmError, type VllmClientOptions } from "@vllm/client";

/**
 * Everything is optional: what `createVllmClient` takes, but for what the AI SDK does itself. With a `profile`, `reasoning: "none"` and
 * `providerOptions.vllm.thinking` switch thinking in the way of the model's family.
 */
export interface VllmProviderSettings extends Omit<
  VllmClientOptions,
  "model" | "retry" | "brokenCalls" | "largeIntegers"
> {
  /** The AI SDK's spelling of `baseUrl`. */
  baseURL?: string | undefined;
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
