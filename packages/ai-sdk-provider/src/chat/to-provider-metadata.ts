import type { JSONObject, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { ChatResult } from "@vllm/client";

/** What the AI SDK has no field for, as `providerMetadata.vllm`. */
export function toProviderMetadata(result: ChatResult<unknown>): SharedV4ProviderMetadata {
  const { requestId, stopReason, emptyTurn, repaired, systemFingerprint, lastUsage } = result;
  const { logprobs, tokenIds, promptTokenIds } = result;
  const shown = { requestId, stopReason, emptyTurn, repaired, systemFingerprint, lastUsage };
  const fields = { ...shown, logprobs, tokenIds, promptTokenIds };
  const warnings = result.warnings.length === 0 ? undefined : result.warnings;
  const known = Object.entries({ ...fields, warnings }).filter(([, value]) => value !== undefined);
  return { vllm: Object.fromEntries(known) as JSONObject };
}
