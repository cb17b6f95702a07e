import type { ConfigIssue } from "../errors/vllm-error.ts";
import { createPositions } from "./json5-positions.ts";
import type { LocatedIssue } from "./zod-issues.ts";

/** Adds line and column, and puts the problems into the order of the file. A problem that occurs twice at a place is told once. */
export function locateIssues(source: string, located: readonly LocatedIssue[]): ConfigIssue[] {
  const find = createPositions(source);
  const issues = located.map(({ issue, at, place }) => ({ ...issue, ...find(at)[place] }));
  const seen = new Set<string>();
  return issues
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .filter((issue) => {
      const text = JSON.stringify(issue);
      return !seen.has(text) && seen.add(text);
    });
}
