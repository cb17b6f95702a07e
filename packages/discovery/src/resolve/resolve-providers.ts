import type { HostConfigLike } from "./decide-provider.ts";
import { isVllmProviderId } from "@vllm/schema/core";
import type { ProviderResolution, ResolveProviderOptions } from "./resolve-provider.ts";
import { resolveProvider } from "./resolve-provider.ts";

/**
 * Every vLLM provider at once: `vllm`, explicit or discovered, and each `vllm-<name>` of the config. In the order `vllm` first, then as
 * the config has them. `off` and `unavailable` are among them, with their reasons.
 *
 * @throws {VllmError} `ABORTED` when `signal` says so
 */
export async function resolveProviders(options: ResolveProviderOptions): Promise<ProviderResolution[]> {
  const ids = Object.keys(options.config?.models?.providers ?? {}).filter(isVllmProviderId);
  const further = ids.filter((id) => id !== "vllm");
  return Promise.all([
    resolveProvider({ ...options, config: only(options.config, "vllm") }),
    ...further.map((id) => resolveProvider({ ...options, config: only(options.config, id) })),
  ]);
}

/** The config with one provider, named by the default model, so that the decision is about that one. */
function only(config: HostConfigLike | undefined, id: string): HostConfigLike {
  const settings = config?.models?.providers?.[id];
  return {
    models: { providers: settings === undefined ? {} : { [id]: settings } },
    agents: { defaults: { model: { primary: `${id}/any` } } },
  };
}
