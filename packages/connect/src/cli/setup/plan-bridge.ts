import { displayUrl } from "@vllm/schema/core";
import type { AgentId, KeepRunning } from "@vllm/coderclaw-adapter/internal";
import { toKeepRunning } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { ownProgram } from "../bridge/own-program.ts";
import { usageError } from "../terminal/usage-error.ts";

/** A bridge that is to be put between agent and server. */
export interface PlannedBridge extends KeepRunning {
  /** What is written into the agent's configuration. */
  baseUrl: string;
  upstream: string;
}

/**
 * What `setup --bridge` is to do for the vLLM at `apiRoot`.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a bridge in front of itself
 */
export function planBridge(
  { terminal, options }: CommandContext,
  { agent, providerId, port, apiRoot }: { agent: AgentId; providerId: string; port: number; apiRoot: string },
): PlannedBridge {
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const upstream = displayUrl(apiRoot);
  if (upstream === baseUrl)
    throw usageError(
      `${baseUrl} would be in front of itself.`,
      "Pass --base-url with vLLM's own address, or --bridge with another port.",
    );
  const caFile = options.caFile?.path;
  const { homeDirectory } = terminal;
  const { platform } = process;
  const service = { agent, providerId, upstream, port, caFile, program: ownProgram(), homeDirectory, platform };
  return { baseUrl, upstream, ...toKeepRunning(service) };
}
