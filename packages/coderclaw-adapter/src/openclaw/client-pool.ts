import type { VllmClient } from "@vllm/client";
import { createVllmClient } from "@vllm/client";
import type { AgentModelRow, StreamOptions } from "./stream-types.ts";
import type { StreamFunctionOptions } from "./turn.ts";

/** One client for each server, key, set of headers and limit: turns share its connections. */
export function createClientPool(
  settings: StreamFunctionOptions,
): (model: AgentModelRow, options: StreamOptions) => VllmClient {
  const clients = new Map<string, VllmClient>();

  return ({ baseUrl, headers: rowHeaders, requestTimeoutMs: limit }, options) => {
    const apiKey = keyOf(options, settings);
    // The agent marks a header that must not be sent by null.
    const headers = Object.fromEntries(
      Object.entries({ ...rowHeaders, ...options.headers }).filter(([, value]) => typeof value === "string"),
    );
    const key = JSON.stringify([baseUrl, apiKey, headers, limit]);
    const existing = clients.get(key);
    if (existing !== undefined) return existing;
    const client = createVllmClient({
      baseUrl,
      apiKey,
      headers,
      timeouts: toTimeouts(limit, settings),
      recover: { thinkTags: true, toolCallText: settings.recoverToolCalls },
    });
    clients.set(key, client);
    return client;
  };
}

/** At its own limit the agent repeats the request, five times, and says nothing: ours comes first, with time left to ask /health. */
const AHEAD_OF_AGENT_MS = 4000;

function toTimeouts(
  agentLimit: number | undefined,
  { firstTokenMs, idleMs }: StreamFunctionOptions,
): { firstTokenMs: number; idleMs: number } {
  if (agentLimit === undefined) return { firstTokenMs, idleMs };
  const limit = agentLimit - Math.min(AHEAD_OF_AGENT_MS, agentLimit / 2);
  return { firstTokenMs: limit, idleMs: Math.min(idleMs, limit) };
}

/** The key to send: none for what only stands for "no key". */
export function keyOf({ apiKey }: StreamOptions, { keylessMarkers }: StreamFunctionOptions): string | undefined {
  return keylessMarkers.includes(apiKey ?? "") ? undefined : apiKey;
}
