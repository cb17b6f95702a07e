import { defaultProviderId, vllmProviderIds, parseProviderId } from "@vllm/coderclaw-adapter/internal";
import type { ReadAgentConfig } from "@vllm/coderclaw-adapter/internal";

/** The provider that is named; else, for an address of its own, the usual one; else all that are configured. */
export function providersToProbe(
  config: ReadAgentConfig,
  { provider, baseUrl }: { provider?: string | undefined; baseUrl?: string | undefined },
): string[] {
  if (provider !== undefined) return [parseProviderId(provider)];
  const configured = vllmProviderIds(config.value);
  return baseUrl !== undefined || configured.length === 0 ? [defaultProviderId(config)] : configured;
}
