import type { Fixture } from "@vllm-tooling/fixtures";
import { messagesOf, toChatRequest, toolNamesOf, type ChatRequestLike } from "./chat-request.ts";
import type { Recordings } from "./recordings.ts";

/**
 * Finds what this configuration answered to the same conversation: same messages, same tools, streamed or not, and the same
 * in everything that shapes an answer. Among several, the one whose other parameters agree most.
 */
export function createNearestRecording(recordings: Recordings): (request: ChatRequestLike) => Fixture | undefined {
  let byConversation: Map<string, Fixture[]> | undefined;

  function read(): Map<string, Fixture[]> {
    const map = new Map<string, Fixture[]>();
    for (const fixture of recordings.own("/v1/chat/completions")) {
      if (fixture.response.status !== 200) continue;
      const key = toKey(toChatRequest(fixture.request.body));
      map.set(key, [...(map.get(key) ?? []), fixture]);
    }
    return map;
  }

  return (request) => {
    byConversation ??= read();
    const candidates = byConversation.get(toKey(request)) ?? [];
    const ranked = candidates.map((fixture) => ({
      fixture,
      rank: agreement(request, toChatRequest(fixture.request.body)),
    }));
    return ranked.toSorted((a, b) => b.rank - a.rank)[0]?.fixture;
  };
}

/** Parameters that leave a scripted answer as it is. */
const harmless = new Set([
  "model",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "seed",
  "user",
  "stream_options",
  "stream",
  "messages",
  "tools",
]);

function toKey(request: ChatRequestLike): string {
  const shaping = Object.entries(request).filter(
    ([name, value]) => !harmless.has(name) && value !== undefined && !isRoom(name, value) && !isDefault(name, value),
  );
  return JSON.stringify([
    request.stream === true,
    messagesOf(request),
    toolNamesOf(request),
    shaping.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

function isDefault(name: string, value: unknown): boolean {
  return value === defaults[name as keyof typeof defaults];
}

const defaults = { n: 1, tool_choice: "auto", parallel_tool_calls: true, include_reasoning: true };

/** A limit on the answer that no recorded answer reaches. */
function isRoom(name: string, value: unknown): boolean {
  return (name === "max_tokens" || name === "max_completion_tokens") && typeof value === "number" && value >= 500;
}

/** Equal parameters count for, differing ones against. */
function agreement(request: ChatRequestLike, recorded: ChatRequestLike): number {
  const [left, right] = [request, recorded] as Record<string, unknown>[];
  const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  let rank = 0;
  for (const name of names) rank += JSON.stringify(left?.[name]) === JSON.stringify(right?.[name]) ? 1 : -1;
  return rank;
}
