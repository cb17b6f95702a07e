import type { AdapterFinding } from "@vllm/coderclaw-adapter/internal";
import { mergeAlike } from "@vllm/coderclaw-adapter/internal";
import type { Output } from "../terminal/output.ts";
import { hangText } from "../terminal/wrap-text.ts";

const MARKS = { error: "✖", warning: "▲", info: "•" } as const;

/** Findings as a person reads them: what is the case, and the fix to copy on a line of its own. */
export function renderFindings(findings: readonly AdapterFinding[], output: Output): string {
  return mergeAlike(findings)
    .map((finding) => renderFinding(finding, output))
    .join("\n\n");
}

function renderFinding(
  { severity, message, fix, code }: AdapterFinding,
  { colors, wrapWidth, advice }: Output,
): string {
  const paint = severity === "error" ? colors.red : severity === "warning" ? colors.yellow : colors.blue;
  const said = hangText(`${message} ${code}`, 2, wrapWidth);
  const shown = said.endsWith(code) ? `${said.slice(0, -code.length)}${colors.dim(code)}` : said;
  const head = `${paint(MARKS[severity])} ${shown}`;
  return fix === "" ? head : `${head}\n  ${colors.green("→")} ${hangText(advice(fix), 4, wrapWidth)}`;
}

/** `2 errors, 1 warning`. */
export function countFindings(findings: readonly AdapterFinding[]): string {
  const merged = mergeAlike(findings);
  const counts = (["error", "warning"] as const).map((severity) => {
    const count = merged.filter((finding) => finding.severity === severity).length;
    return count === 0 ? "" : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  return counts.filter((text) => text !== "").join(", ");
}
