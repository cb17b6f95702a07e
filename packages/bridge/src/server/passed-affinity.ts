import type { IncomingMessage } from "node:http";
import { toAffinityHeaders } from "@vllm/client";
import { findConversation } from "../chat/find-conversation.ts";
import { parseObject } from "../chat/parse-object.ts";
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
  // What is not a JSON object is vLLM's to refuse.
  const sent = parseObject(body.toString("utf8")) ?? {};
  const id = findConversation((name) => headers[name]?.toString(), sent);
  if (id === undefined) return [];
  const added = toAffinityHeaders({ id, headerNames: affinity.headerNames });
  return Object.entries(added).filter(([name]) => headers[name] === undefined);
}
