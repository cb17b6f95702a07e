import type { VllmError } from "@vllm/schema/core";
import { displayUrl } from "@vllm/schema/core";
import type { ReadHostConfig, KeepRunning } from "@vllm/coderclaw-adapter/internal";
import { toKeepRunning } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { findUpstream } from "../probe/probe-through-bridge.ts";
import { ownProgram } from "../bridge/own-program.ts";
import { usageError } from "../terminal/usage-error.ts";

/** A bridge that is to be put between host and server. */
interface PlannedBridge extends KeepRunning {
  /** What is written into the host's configuration. */
  baseUrl: string;
  upstream: string;
}

export interface BridgePlan {
  /** The vLLM behind the bridge that the provider has already. */
  upstream: string | undefined;
  /**
   * @throws {VllmError} `CONFIG_INVALID` for a bridge in front of itself
   */
  serviceFor(upstream: string): PlannedBridge;
}

/** What `setup --bridge` is to do; undefined without the option. */
export async function planBridge(
  context: CommandContext,
  config: ReadHostConfig,
  { providerId, options }: { providerId: string; options: { bridgePort?: number | undefined } },
): Promise<BridgePlan | undefined> {
  const port = options.bridgePort;
  if (port === undefined) return undefined;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const { homeDirectory } = context.terminal;
  return {
    upstream: await findUpstream(context, config, providerId),
    serviceFor(apiRoot) {
      const upstream = displayUrl(apiRoot);
      if (upstream === baseUrl) throw frontOfItself(baseUrl);
      const { platform } = process;
      const caFile = context.options.caFile?.path;
      const service = { providerId, upstream, port, caFile, program: ownProgram(), homeDirectory, platform };
      return { baseUrl, upstream, ...toKeepRunning(service) };
    },
  };
}

function frontOfItself(baseUrl: string): VllmError {
  return usageError(
    `${baseUrl} would be in front of itself.`,
    "Pass --base-url with vLLM's own address, or --bridge with another port.",
  );
}
