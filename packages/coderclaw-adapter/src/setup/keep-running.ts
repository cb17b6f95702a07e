import { join } from "node:path";
import { DEFAULTS } from "@vllm/schema/core";
import type { AgentId } from "../agents/agent-location.ts";
import { quoteForShell } from "./quote-for-shell.ts";

export interface BridgeService {
  /** Who asks it. CoderClaw's engine adds reasoning tokens to the output tokens, which hold them already. */
  agent: AgentId;
  providerId: string;
  /** vLLM, as the bridge is told. Holds no login. */
  upstream: string;
  port: number;
  /** Absolute path of the certificates it needs to trust the upstream. */
  caFile?: string | undefined;
  /** This command, as it is running: `[node, …, main.js]`. */
  program: readonly string[];
  homeDirectory: string;
  platform: NodeJS.Platform;
}

/** How a bridge is started and kept running. All of it is printed, nothing is done. */
export interface KeepRunning {
  /** Starts it in this terminal. */
  start: string;
  /** Name of the service, `vllm-bridge`. */
  name: string;
  /** One command that installs the service and starts it; undefined where we know of none. */
  install: string | undefined;
  /** The systemd user unit; undefined elsewhere than on Linux. */
  unit: { path: string; text: string } | undefined;
}

/**
 * A systemd user unit on Linux, a job of launchd on macOS. The service holds no key: the agent's own, stored where agents keep keys, is
 * passed on, whatever the environment of the user's services holds.
 */
export function toKeepRunning(service: BridgeService): KeepRunning {
  const { agent, providerId, upstream, port, caFile, program, homeDirectory, platform } = service;
  const name = `vllm-bridge${providerId.slice(DEFAULTS.providerId.length)}`;
  const trust = caFile === undefined ? [] : ["--ca-file", caFile];
  const usage = agent === "coderclaw" ? ["--drop-reasoning-tokens"] : [];
  const words = ["bridge", "--upstream", upstream, "--port", String(port), ...usage, ...trust];
  const start = ["npx @vllm/connect", ...words.map(quoteForShell)].join(" ");
  const all = [...program, ...words];
  if (platform === "darwin") {
    const install = `launchctl submit -l ${name} -- ${all.map(quoteForShell).join(" ")}`;
    return { start, name, install, unit: undefined };
  }
  if (platform !== "linux") return { start, name, install: undefined, unit: undefined };
  const folder = join(homeDirectory, ".config", "systemd", "user");
  const path = join(folder, `${name}.service`);
  const text = `[Unit]
Description=Bridge between coding agents and vLLM

[Service]
ExecStart=${all.map(quoteForSystemd).join(" ")}
UnsetEnvironment=${DEFAULTS.apiKeyVariable} VLLM_BRIDGE_KEY
Restart=on-failure

[Install]
WantedBy=default.target
`;
  const install = `mkdir -p ${quoteForShell(folder)} && cat > ${quoteForShell(path)} <<'END' && systemctl --user daemon-reload && systemctl --user enable --now ${name}
${text}END`;
  return { start, name, install, unit: { path, text } };
}

/** systemd.service(5), "Command lines": `%` and `$` begin a specifier and a variable. */
function quoteForSystemd(word: string): string {
  const text = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
