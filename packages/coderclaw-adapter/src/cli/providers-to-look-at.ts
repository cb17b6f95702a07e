import { defaultProviderId } from "../host-config/default-provider.ts";
import { vllmProviderIds } from "../host-config/provider-settings.ts";
import type { ReadHostConfig } from "../host-config/read-host-config.ts";
import { parseProviderId } from "../provider/provider-id.ts";

/** The provider that is named; else, for an address of its own, the usual one; else all that are configured. */
export function providersToLookAt(
  config: ReadHostConfig,
  { provider, baseUrl }: { provider?: string | undefined; baseUrl?: string | undefined },
): string[] {
  if (provider !== undefined) return [parseProviderId(provider)];
  const configured = vllmProviderIds(config.value);
  return baseUrl !== undefined || configured.length === 0 ? [defaultProviderId(config)] : configured;
}
