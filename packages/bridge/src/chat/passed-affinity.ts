import { toAffinityHeaders } from "@vllm/client";
import { findConversation } from "./find-conversation.ts";
import { parseObject } from "./parse-object.ts";
import type { BridgeOptions } from "../options/bridge-options.ts";

/** Routes of conversations that the bridge does not repair. */
const CONVERSATIONS = new Set(["/v1/messages", "/v1/responses", "/v1/completions"]);

/** A `POST` as the client wrote it. */
interface Posted {
  path: string;
  requestHeader: (name: string) => string | undefined;
  readText: () => string;
}

/** The headers that keep a conversation on one server, for a request that passes through as it is. */
export function toPassedAffinity(
  { path, requestHeader, readText }: Posted,
  { affinity = {}, dryRun = false }: Pick<BridgeOptions, "affinity" | "dryRun">,
): [name: string, value: string][] {
  if (affinity === false || dryRun || !CONVERSATIONS.has(path)) return [];
  // What is not a JSON object is vLLM's to refuse.
  const sent = parseObject(readText()) ?? {};
  const id = findConversation(requestHeader, sent);
  if (id === undefined) return [];
  const added = toAffinityHeaders({ id, headerNames: affinity.headerNames });
  return Object.entries(added).filter(([name]) => requestHeader(name) === undefined);
}
