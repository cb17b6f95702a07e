import { editDistance } from "./edit-distance.ts";

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
      difference(withoutOrganisation(asked), withoutOrganisation(id)) + 0.05,
    );
    if (best === undefined || score < best.score) best = { id, score };
  }
  return best !== undefined && best.score <= farthest ? best.id : undefined;
}

function withoutOrganisation(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** Comparing takes the product of both lengths, and no name is longer. */
const MOST_COMPARED = 256;

function difference(first: string, second: string): number {
  const [a, b] = [first, second].map((name) => name.slice(0, MOST_COMPARED).toLowerCase()) as [string, string];
  return editDistance(a, b) / Math.max(a.length, b.length, 1);
}
