import { structuredPatch } from "diff";
import type { Colors } from "../terminal/colors.ts";
import { redactDocument } from "@vllm/coderclaw-adapter/internal";

/** What changes in a file, as a diff with three lines around each change. Secrets are masked on both sides. */
export function renderDiff(change: { path: string; before: string; after: string }, colors: Colors): string {
  const patch = structuredPatch(
    change.path,
    change.path,
    redactDocument(change.before),
    redactDocument(change.after),
    undefined,
    undefined,
    { context: 3 },
  );
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    colors.cyan(`@@ -${rangeOf(oldStart, oldLines)} +${rangeOf(newStart, newLines)} @@`),
    ...lines.filter((line) => !line.startsWith("\\")).map((line) => colorLine(line.replace(/\r$/, ""), colors)),
  ]);
  return [colors.bold(change.path), ...lines].join("\n");
}

/** Of no lines the line before counts, as in every unified diff: 0 in front of a new file. */
function rangeOf(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function colorLine(line: string, colors: Colors): string {
  if (line.startsWith("+")) return colors.green(line);
  if (line.startsWith("-")) return colors.red(line);
  return colors.dim(line);
}
