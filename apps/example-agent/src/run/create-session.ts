import { createVllmClient } from "@vllm/client";
import type { Connection } from "../connect/connect.ts";
import type { Agent } from "../conversation/agent.ts";
import { createAgent } from "../conversation/agent.ts";
import type { Tool } from "../tools/tool.ts";

/** A person waits: a server that says nothing for so long in the middle of an answer is taken as gone, in ms. */
const IDLE_MS = 120_000;

/** A connection → an agent that talks over it. */
export function createSession(connection: Connection, options: { system: string; tools: readonly Tool[] }): Agent {
  const { baseUrl, apiKey, headers, model } = connection;
  const timeouts = { idleMs: IDLE_MS };
  // An empty key is "none": the client would otherwise take VLLM_API_KEY, which may belong to another server.
  const client = createVllmClient({ baseUrl, apiKey: apiKey ?? "", headers, timeouts });
  return createAgent({ client, model, ...options });
}
