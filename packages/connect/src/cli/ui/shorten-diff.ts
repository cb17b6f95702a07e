import type { Colors } from "../terminal/colors.ts";

const MOST_LINES = 80;

/** A diff of many lines would push everything else off the screen: its beginning, and how to see the rest. */
export function shortenDiff(diff: string, colors: Colors): string {
  const lines = diff.split("\n");
  if (lines.length <= MOST_LINES) return diff;
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), colors.dim(`… and ${more} more lines: --dry-run shows all of them`)].join(
    "\n",
  );
}
