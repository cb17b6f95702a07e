import { existsSync } from "node:fs";
import { displayUrl } from "@vllm/schema/core";
import type { AgentId } from "../agents/agent-location.ts";
import { toKeepRunning } from "../setup/keep-running.ts";
import type { AdapterFinding } from "./adapter-finding.ts";

/** Nothing listens where the agent expects its bridge. */
export function bridgeNotRunning(bridge: {
  agent: AgentId;
  baseUrl: string;
  upstream: string;
  providerId: string;
  homeDirectory: string;
}): AdapterFinding {
  const { agent, baseUrl, upstream, providerId, homeDirectory } = bridge;
  const { platform } = process;
  const port = Number(new URL(baseUrl).port);
  const { start, name, unit } = toKeepRunning({
    agent,
    providerId,
    upstream,
    port,
    program: [],
    homeDirectory,
    platform,
  });
  const hasUnit = unit !== undefined && existsSync(unit.path);
  return {
    code: "BRIDGE_NOT_RUNNING",
    severity: "error",
    message: `models.providers.${providerId}.baseUrl is the bridge ${displayUrl(baseUrl)}, and it is not running.`,
    fix: hasUnit ? `systemctl --user start ${name} (its log: journalctl --user -u ${name})` : start,
  };
}
