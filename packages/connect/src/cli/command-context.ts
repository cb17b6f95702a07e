import type { ServerReport } from "@vllm/discovery";
import { diagnose, discoverServer } from "@vllm/discovery";
import { displayUrl } from "@vllm/schema/core";
import { HOST_WINDOW, readHostConfig, providerHeaders, resolveKey, detectHost } from "@vllm/coderclaw-adapter/internal";
import type { ReadHostConfig, DetectedHost, HostChoice } from "@vllm/coderclaw-adapter/internal";
import type { Output } from "./terminal/output.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { withSpinner } from "./terminal/spinner.ts";

const ACTIVE_TIMEOUT_MS = 60_000;

/** Options that every command has. */
export interface CommonOptions extends HostChoice {
  json: boolean;
  color: boolean;
}

export interface CommandContext {
  terminal: Terminal;
  output: Output;
  options: CommonOptions;
}

export interface OpenHost extends DetectedHost {
  config: ReadHostConfig;
}

/** Finds the host and reads its configuration. */
export async function openHost({ terminal, options }: CommandContext): Promise<OpenHost> {
  const detected = detectHost(terminal, options);
  return { ...detected, config: await readHostConfig(detected.location, terminal.env) };
}

/** Writes a host's files. Another program may hold their lock, for half a minute at the most. */
export function writing({ terminal, output }: CommandContext, path: string, work: () => Promise<void>): Promise<void> {
  return withSpinner(terminal, output.colors, `Writing ${output.path(path)}`, work);
}

/** Asks a server what it is and what it serves, with the key and the headers that the host would send. */
export function lookAtServer(
  { terminal, output }: CommandContext,
  config: ReadHostConfig,
  server: { providerId: string; baseUrl: string; apiKey?: string | undefined; active?: boolean | undefined },
): Promise<ServerReport> {
  const { providerId, baseUrl } = server;
  const apiKey = server.apiKey ?? resolveKey(config, providerId).key;
  const label = `${server.active === true ? "Asking the models" : "Looking"} at ${displayUrl(baseUrl)}`;
  return withSpinner(terminal, output.colors, label, async () => {
    const report = await discoverServer({
      baseUrl,
      apiKey,
      headers: providerHeaders(config, providerId),
      // What generates tokens on a CPU or behind a queue takes longer than a look.
      ...(server.active === true ? { probe: "active" as const, timeoutMs: ACTIVE_TIMEOUT_MS } : {}),
      signal: terminal.signal,
      fetch: terminal.fetch,
    });
    return { ...report, findings: diagnose(report, { hostWindow: HOST_WINDOW[config.location.host] }) };
  });
}
