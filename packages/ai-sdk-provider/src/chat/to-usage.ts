import type { JSONObject, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { WireUsage } from "@vllm/client";

/** Usage in the AI SDK's terms. What the server did not count is undefined, not zero. */
export function toUsage(usage: WireUsage | undefined): LanguageModelV4Usage {
  const input = usage?.prompt_tokens;
  const output = usage?.completion_tokens ?? undefined;
  const cacheRead = usage?.prompt_tokens_details?.cached_tokens ?? undefined;
  const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? undefined;
  return {
    inputTokens: {
      total: input,
      noCache: minus(input, cacheRead),
      cacheRead,
      cacheWrite: usage?.prompt_tokens_details?.created_cache_tokens ?? undefined,
    },
    outputTokens: { total: output, text: minus(output, reasoning), reasoning },
    ...(usage === undefined ? {} : { raw: usage as unknown as JSONObject }),
  };
}

function minus(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : Math.max(0, total - part);
}
