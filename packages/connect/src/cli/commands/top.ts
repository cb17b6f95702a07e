import { setTimeout as delay } from "node:timers/promises";
import { findServers, pickServer, readMetrics } from "@vllm/discovery";
import type { FoundServer } from "@vllm/discovery";
import {
  cleanApiKey,
  DEFAULT_LIMITS,
  DEFAULTS,
  displayUrl,
  errorFromNetwork,
  readAddress,
  VllmError,
} from "@vllm/schema/core";
import { errorFromLimit } from "@vllm/schema/internal";
import { createFetch } from "@vllm/transport";
import { readText } from "@vllm/transport/internal";
import type { CommandContext } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import { withoutQuery } from "../command-line/without-query.ts";
import { describeServer } from "../launch/describe-server.ts";
import { choose } from "../terminal/prompts.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { usageError } from "../terminal/usage-error.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import type { Sample } from "../top/load.ts";
import { toLoad } from "../top/load.ts";
import { renderLoad } from "../top/render-load.ts";

export interface TopOptions {
  /** Undefined: VLLM_BASE_URL, else what is found. */
  url?: string | undefined;
  once: boolean;
}

const SECOND_MS = 1000;
/** Rates are of this long: a single second of a busy server jumps. */
const SHOWN_SAMPLES = 10;
const ANSWER_MS = 5000;

/** `top`: the load of a server by its `/metrics`, one GET a second, until Ctrl-C. */
export async function top(context: CommandContext, { url, once }: TopOptions): Promise<ExitCode> {
  const { terminal, output, options } = context;
  const { signal } = terminal;
  const baseUrl = url ?? terminal.env[DEFAULTS.baseUrlVariable] ?? (await findAddress(context));
  const { serverRoot, apiRoot, authorization } = readAddress(withoutQuery(baseUrl, output));
  const key = cleanApiKey(terminal.env[DEFAULTS.apiKeyVariable]);
  const login = key === undefined ? authorization : `Bearer ${key}`;
  const fetch = terminal.fetch ?? createFetch({ tls: tlsOf(options) });
  const sample = (): Promise<Sample> =>
    readSample(fetch, `${serverRoot}/metrics`, login === undefined ? {} : { authorization: login }, signal);
  const samples = [await sample()];
  let drawn = 0;
  while (!signal.aborted) {
    await delay(SECOND_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const now = await sample();
    const load = toLoad(samples[0] as Sample, now);
    samples.push(now);
    if (samples.length > SHOWN_SAMPLES) samples.shift();
    output.result({ command: "top", ok: true, baseUrl: apiRoot, ...load });
    const lines = [output.colors.bold(displayUrl(apiRoot)), ...renderLoad(load, output.colors)];
    // Drawn over what was shown a second ago.
    const back = drawn > 0 && terminal.stdout.isTTY === true ? `\u001b[${drawn}A\u001b[J` : "";
    output.say(back + lines.join("\n"));
    drawn = lines.length;
    if (once) break;
  }
  return EXIT.fine;
}

async function findAddress({ terminal, options }: CommandContext): Promise<string> {
  const found = await findServers({ env: terminal.env, tls: tlsOf(options), signal: terminal.signal });
  const chosen = pickServer(found);
  if (chosen !== undefined) return chosen.baseUrl;
  if (found.length > 0 && isInteractive(terminal))
    return choose(terminal, { message: "Which server?", options: found.map(toOption), initialValue: undefined });
  throw usageError(
    found.length === 0
      ? "No vLLM server was found on this machine."
      : "Several servers were found, and none was named.",
    `Name it: npx @vllm/connect top ${found[0]?.baseUrl ?? "http://127.0.0.1:8000"}`,
  );
}

function toOption(server: FoundServer): { value: string; label: string; hint: string } {
  return { value: server.baseUrl, label: displayUrl(server.baseUrl), hint: describeServer(server) };
}

async function readSample(
  fetch: typeof globalThis.fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Sample> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  let status: number;
  let text: string;
  let isTruncated: boolean;
  try {
    const answer = await fetch(url, { headers, signal: stop });
    ({ status } = answer);
    ({ text, isTruncated } = await readText(answer, DEFAULT_LIMITS.auxiliaryBytes));
  } catch (cause) {
    signal.throwIfAborted();
    throw errorFromNetwork(cause, { url });
  }
  if (isTruncated) throw errorFromLimit("auxiliaryBytes", DEFAULT_LIMITS.auxiliaryBytes, { url });
  const capacity = status === 200 ? readMetrics(text) : undefined;
  if (capacity !== undefined) return { at: performance.now(), capacity };
  throw new VllmError({
    code: status === 401 || status === 403 ? "AUTHENTICATION_FAILED" : "NOT_VLLM",
    message: `${displayUrl(url)} has no metrics of vLLM (HTTP ${status}).`,
    hint: "Name the address of vLLM itself: routers and gateways often leave /metrics out, and some serve it on another port.",
    status,
    url,
  });
}
