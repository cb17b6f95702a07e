import type { DiscoverServerOptions, ServerReport } from "@vllm/discovery";
import { diagnose, discoverServer } from "@vllm/discovery";
import { displayUrl } from "@vllm/schema/core";
import { AGENT_WINDOW, providerHeaders, resolveKey } from "@vllm/coderclaw-adapter/internal";
import type { ReadAgentConfig } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import { withSpinner } from "../terminal/spinner.ts";

const ACTIVE_TIMEOUT_MS = 60_000;
const PATIENT_TIMEOUT_MS = 60_000;

/** Finds out what a server is and what it serves, with the key and the headers that the agent would send. */
export function probeServer(
  { terminal, output, options }: CommandContext,
  config: ReadAgentConfig,
  server: { providerId: string; baseUrl: string; apiKey?: string | undefined; active?: boolean | undefined },
): Promise<ServerReport> {
  const { providerId, baseUrl } = server;
  const apiKey = server.apiKey ?? resolveKey(config, providerId).key;
  const label = `${server.active === true ? "Asking the models" : "Looking"} at ${displayUrl(baseUrl)}`;
  return withSpinner(terminal, output.colors, label, async () => {
    const question: DiscoverServerOptions = {
      baseUrl,
      apiKey,
      headers: providerHeaders(config, providerId),
      // What generates tokens on a CPU or behind a queue takes longer than any other probe.
      ...(server.active === true ? { probe: "active" as const, timeoutMs: ACTIVE_TIMEOUT_MS } : {}),
      signal: terminal.signal,
      fetch: terminal.fetch,
      tls: tlsOf(options),
    };
    const quick = await discoverServer(question);
    // A configuration is written by what is seen here: a busy server gets the time that it needs.
    const isPartial = quick.findings.some(({ code }) => code === "PROBE_INCOMPLETE");
    const report = isPartial ? await discoverServer({ ...question, timeoutMs: PATIENT_TIMEOUT_MS }) : quick;
    return { ...report, findings: diagnose(report, { hostWindow: AGENT_WINDOW[config.location.agent] }) };
  });
}
