import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { cleanApiKey, DEFAULTS, normalizeBaseUrl } from "@vllm/schema/core";
import { probeBridge } from "@vllm/bridge/internal";
import type { Bridge } from "@vllm/bridge";
import { readBridgeSettings } from "../bridge/bridge-settings.ts";
import type { CommandContext } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import { withoutQuery } from "../command-line/without-query.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { leadsTo, toReachableUrl } from "../bridge/own-addresses.ts";
import { parsePort } from "../bridge/port.ts";
import { usageError } from "../terminal/usage-error.ts";

export interface BridgeCommandOptions {
  upstream?: string | undefined;
  port?: string | undefined;
  listen?: string | undefined;
  /** File with what the other options cannot say. */
  settings?: string | undefined;
  recover: boolean;
  dropsReasoningTokens: boolean;
  /** Asks for no key, though the bridge sends vLLM's. */
  open: boolean;
  dryRun: boolean;
}

const KEY_VARIABLE = "VLLM_BRIDGE_KEY";

/** `bridge`: the server between an agent and vLLM, until Ctrl-C or SIGTERM. With `--json`, one JSON object a line. */
export async function bridge(context: CommandContext, options: BridgeCommandOptions): Promise<ExitCode> {
  const { terminal, output } = context;
  // Only this command needs the streaming client.
  const { createBridge, formatLogEntry } = await import("@vllm/bridge");
  const named = options.upstream ?? terminal.env[DEFAULTS.baseUrlVariable] ?? DEFAULTS.baseUrl;
  const upstream = withoutQuery(named, output);
  const port = parsePort(options.port, "--port", 0);
  const settings = options.settings === undefined ? {} : await readBridgeSettings(options.settings, terminal.env);
  const address = options.listen ?? "127.0.0.1";
  await refuseItself(upstream, port, address);
  const hasKeys = (settings.keys ?? []).length > 0;
  const own = options.open ? undefined : findKey(terminal.env, hasKeys);
  const print = (value: object, text: string) =>
    terminal.stdout.write(`${output.isJson ? JSON.stringify(value) : text}\n`);
  const server = createBridge({
    ...settings,
    ...(options.dropsReasoningTokens ? { reasoningTokens: "drop" as const } : {}),
    upstream,
    tls: tlsOf(context.options),
    apiKey: terminal.env[DEFAULTS.apiKeyVariable],
    key: own?.key,
    open: options.open,
    recover: options.recover ? undefined : false,
    dryRun: options.dryRun,
    log: (entry) => void print({ event: "request", ...entry }, formatLogEntry(entry)),
  });
  server.listen(port, address);
  await whenListening(server, { address, port, apiKey: own?.key });
  const { baseUrl, upstreamUrl } = server;
  print(
    { event: "listening", baseUrl, upstream: upstreamUrl },
    welcome(server, whatToSend(own?.variable, hasKeys), options),
  );
  await untilStopped(terminal.signal);
  print({ event: "stopping" }, "Stopping: running answers may finish. Ctrl-C again ends them.");
  server.close();
  await once(server, "close");
  return EXIT.fine;
}

/**
 * What clients must send: a key of the bridge's own, else vLLM's, so that nobody reaches more through the bridge than without it. Beside keys
 * of the settings vLLM's is none: it would have none of their fields.
 */
function findKey(
  env: Readonly<Record<string, string | undefined>>,
  hasKeys: boolean,
): { key: string; variable: string } | undefined {
  for (const variable of hasKeys ? [KEY_VARIABLE] : [KEY_VARIABLE, DEFAULTS.apiKeyVariable]) {
    const key = cleanApiKey(env[variable]);
    if (key !== undefined) return { key, variable };
  }
  return undefined;
}

function whatToSend(variable: string | undefined, hasKeys: boolean): string | undefined {
  const own = variable === undefined ? [] : [`what ${variable} holds`];
  return [...own, ...(hasKeys ? ["a key of the settings"] : [])].join(" or ") || undefined;
}

function welcome(
  { baseUrl = "", upstreamUrl }: Bridge,
  key: string | undefined,
  { open, dryRun }: BridgeCommandOptions,
): string {
  const withKey = key === undefined ? "" : ` and ${key} as its API key`;
  const lines = [
    `Bridge ${baseUrl} → ${upstreamUrl}`,
    `Use ${toReachableUrl(baseUrl)} as the agent's base URL${withKey}. Ctrl-C stops.`,
    ...(open ? ["Open: every program and every user of this machine is served without a key."] : []),
    ...(dryRun ? ["Dry run: requests go through unchanged; each line tells what would be changed."] : []),
  ];
  return lines.join("\n");
}

/** A bridge that is its own upstream would ask itself for ever. */
async function refuseItself(upstream: string, port: number, address: string): Promise<void> {
  const url = new URL(normalizeBaseUrl(upstream).apiRoot);
  if (Number(url.port) !== port) return;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  // A name that nobody knows is no reason not to start: the network may come later.
  const found = await lookup(name).catch(() => undefined);
  if (!leadsTo(found?.address ?? name, address)) return;
  throw usageError(
    `The upstream ${url.host} is the bridge's own address.`,
    "Pass --upstream with vLLM's address, or another --port.",
  );
}

async function whenListening(
  server: Bridge,
  { address, port, apiKey }: { address: string; port: number; apiKey: string | undefined },
): Promise<void> {
  try {
    await once(server, "listening");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    const where = `${address}:${port}`;
    const other = code === "EADDRINUSE" ? await probeBridge({ baseUrl: `http://${where}`, apiKey }) : undefined;
    if (other?.kind === "bridge" || other?.kind === "locked") {
      const what = other.kind === "bridge" ? `A bridge to ${other.status.upstream}` : "A bridge with another key";
      throw usageError(
        `${what} runs on ${where} already.`,
        `Use http://${where}/v1 as the agent's base URL, or pass another --port.`,
      );
    }
    throw usageError(`The bridge cannot listen on ${where} (${code}).`, LISTEN_HINTS[code] ?? OTHER_LISTEN_HINT);
  }
}

const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "Stop what listens there, or pass another --port.",
  EACCES: "Ports below 1024 need the right to take them: pass a higher --port.",
};
const OTHER_LISTEN_HINT = "Pass --listen with an address of this machine, or leave it out for 127.0.0.1.";

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
