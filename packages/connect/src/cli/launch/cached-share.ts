import { discoverServer } from "@vllm/discovery";
import type { ServerCapacity } from "@vllm/discovery";
import type { ReadyServer } from "./choose-server.ts";
import type { Tally } from "./tally.ts";

const ASKING_MS = 1500;
/** Two counts of the same tokens: vLLM's own of all requests may hold a probe or two. */
const TOLERANCE = 0.02;

/**
 * The share of the prompts that came from vLLM's prefix cache, 0 to 1. By the answers where they report it, else by `/metrics`, as long as
 * nobody else used the server in the meantime; undefined when nobody knows.
 */
export async function cachedShare(tally: Tally, { report, baseUrl, key }: ReadyServer): Promise<number | undefined> {
  const { promptTokens, cachedTokens } = tally;
  if (promptTokens === 0) return undefined;
  if (cachedTokens !== undefined) return cachedTokens / promptTokens;
  const before = report.capacity;
  if (before?.prefixCacheHits === undefined) return undefined;
  const { capacity: after } = await discoverServer({ baseUrl, apiKey: key, probe: "list", timeoutMs: ASKING_MS });
  const difference = (name: keyof ServerCapacity): number => Number(after?.[name]) - Number(before[name]);
  const isOurs = Math.abs(difference("promptTokens") - promptTokens) <= promptTokens * TOLERANCE;
  const hits = difference("prefixCacheHits");
  return isOurs && hits >= 0 ? Math.min(1, hits / promptTokens) : undefined;
}
