import type { ThoughtMarker } from "../families/thought-markers.ts";
import { SUFFIXED_THOUGHT, THOUGHT_MARKERS } from "../families/thought-markers.ts";

/** How a prompt ends: inside a thought, after an empty one, or without any. */
export interface ThoughtState {
  state: "opened" | "closed" | "none";
  marker: ThoughtMarker | undefined;
}

/** The end of a rendered prompt (what follows the user's last word) → whether the template opened or closed a thought there. */
export function readThoughtState(tail: string): ThoughtState {
  for (const marker of markersIn(tail)) {
    const start = tail.lastIndexOf(marker.start);
    const end = tail.lastIndexOf(marker.end);
    if (start < 0 && (end < 0 || marker.isCommonEnd)) continue;
    return { state: start > end ? "opened" : "closed", marker };
  }
  return { state: "none", marker: undefined };
}

/** The marker that stands right before a replayed thought. */
export function markerBefore(text: string, thought: string): ThoughtMarker | undefined {
  const at = text.indexOf(thought);
  if (at < 0) return undefined;
  const before = text.slice(Math.max(0, at - 80), at).trimEnd();
  return markersIn(before).find((marker) => before.endsWith(marker.start));
}

function markersIn(text: string): ThoughtMarker[] {
  const suffixes = new Set(Array.from(text.matchAll(SUFFIXED_THOUGHT), (match) => match[2] ?? ""));
  const suffixed = Array.from(suffixes, (suffix) => ({
    start: `<think${suffix}>`,
    end: `</think${suffix}>`,
    parsers: suffix.startsWith(":") ? ["hy_v3", "hy_v4"] : ["hy_v3"],
  }));
  return [...suffixed, ...THOUGHT_MARKERS];
}
