import type { WireUsage } from "@vllm/client";

type Count = number | null | undefined;

/** What two requests used together. What neither of them counted stays uncounted. */
export function addUsage(one: WireUsage | undefined, other: WireUsage | undefined): WireUsage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const cached = add(one.prompt_tokens_details?.cached_tokens, other.prompt_tokens_details?.cached_tokens);
  const reasoning = add(
    one.completion_tokens_details?.reasoning_tokens,
    other.completion_tokens_details?.reasoning_tokens,
  );
  return {
    prompt_tokens: one.prompt_tokens + other.prompt_tokens,
    completion_tokens: add(one.completion_tokens, other.completion_tokens),
    total_tokens: add(one.total_tokens, other.total_tokens),
    prompt_tokens_details: cached === null ? null : { cached_tokens: cached },
    completion_tokens_details: reasoning === null ? null : { reasoning_tokens: reasoning },
  };
}

function add(one: Count, other: Count): number | null {
  return typeof one === "number" || typeof other === "number" ? (one ?? 0) + (other ?? 0) : null;
}
