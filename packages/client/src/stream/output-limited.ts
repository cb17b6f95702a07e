import type { ModelProfile } from "@vllm/schema/core";
import type { WireUsage } from "./wire-chunk.ts";
import type { ChatWarning } from "./warning.ts";

/** What a request asked for. */
export interface AskedOutput {
  /** `max_tokens`; undefined where it sets none. */
  tokens: number | undefined;
  /** Undefined where nobody said it. */
  window: number | undefined;
}

/** The request's limit → the one in force, as far as the server's own is known. */
export function limitInForce(
  asked: number | undefined,
  profile: Partial<ModelProfile> | undefined,
): number | undefined {
  const limits = [asked ?? profile?.defaultOutputTokens?.value, profile?.maxOutputTokens?.value];
  const known = limits.filter((limit) => limit !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

export function toAskedOutput(tokens: number | undefined, profile: Partial<ModelProfile> | undefined): AskedOutput {
  const window = profile?.contextWindow;
  return { tokens, window: window === undefined || window.source === "assumed" ? undefined : window.value };
}

/** An answer that was truncated before it had as many tokens as were asked for; undefined when it had, or when nobody counted. */
export function outputLimited(
  { tokens: asked, window }: AskedOutput = { tokens: undefined, window: undefined },
  usage: WireUsage | null | undefined,
): ChatWarning | undefined {
  const { completion_tokens: used, prompt_tokens: prompt } = usage ?? {};
  if (asked === undefined || typeof used !== "number" || used >= asked) return undefined;
  const isFull = window !== undefined && typeof prompt === "number" && prompt + used >= window;
  return {
    code: "OUTPUT_LIMITED",
    message: isFull
      ? `The answer was truncated after ${used} tokens, although ${asked} were allowed: prompt and answer fill the window of ${window}.`
      : `The answer was truncated after ${used} tokens, although ${asked} were allowed: the server has a limit of its own, or its window is full.`,
    hint: isFull
      ? "Shorten the conversation, or start the server with a larger --max-model-len."
      : "Start the server without max_new_tokens in --override-generation-config and generation_config.json (--generation-config vllm), or ask for answers that fit.",
  };
}
