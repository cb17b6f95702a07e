import { distance } from "fastest-levenshtein";

/**
 * The candidate that is nearest in spelling, ignoring case and organisation; undefined when none is near.
 *
 * @param farthest the share of letters that may differ
 */
export function nearest(asked: string, candidates: readonly string[], farthest = 0.5): string | undefined {
  let best: { id: string; score: number } | undefined;
  for (const id of candidates) {
    const score = Math.min(
      difference(asked, id),
      difference(asked.split("/").at(-1) ?? asked, id.split("/").at(-1) ?? id) + 0.05,
    );
    if (best === undefined || score < best.score) best = { id, score };
  }
  return best !== undefined && best.score <= farthest ? best.id : undefined;
}

function difference(a: string, b: string): number {
  return distance(a.toLowerCase(), b.toLowerCase()) / Math.max(a.length, b.length, 1);
}
