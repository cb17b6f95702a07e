import type { IncomingMessage } from "node:http";
import { toAffinityHeaders } from "@vllm/client";
import { isRecord } from "@vllm/schema/internal";
import { findConversation } from "../chat/find-conversation.ts";
import type { BridgeOptions } from "../options/bridge-options.ts";

/** Routes of conversations that the bridge does not repair. */
const CONVERSATIONS = new Set(["/v1/messages", "/v1/responses", "/v1/completions"]);

/** The headers that keep a conversation on one server, for a request that passes through as it is. */
export function toPassedAffinity(
  { method, headers }: Pick<IncomingMessage, "method" | "headers">,
  path: string,
  body: Buffer,
  { affinity = {}, dryRun = false }: Pick<BridgeOptions, "affinity" | "dryRun">,
): [name: string, value: string][] {
  if (affinity === false || dryRun || method !== "POST" || !CONVERSATIONS.has(path)) return [];
  const id = findConversation((name) => headers[name]?.toString(), parse(body));
  if (id === undefined) return [];
  const added = toAffinityHeaders({ id, headerNames: affinity.headerNames });
  return Object.entries(added).filter(([name]) => headers[name] === undefined);
}

/** What is no JSON object is vLLM's to refuse. */
function parse(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
