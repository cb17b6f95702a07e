import type { ServeSuggestion } from "@vllm/discovery";
import stringWidth from "string-width";
import type { Output } from "../terminal/output.ts";
import { wrapText } from "../terminal/wrap-text.ts";

/** Characters; `--json` has all of it. */
const LONGEST_REASON = 80;
const MARKS = { keep: " ", add: "+", replace: "≠", check: "?" } as const;
const LEGEND = { add: "+ is missing", replace: "≠ has another value", check: "? cannot be seen from here" } as const;

/** The `vllm serve` command that suits agents, one argument a line, as a difference to what runs now; then the command to copy. */
export function renderServeCommand({ model, command, arguments: serve }: ServeSuggestion, output: Output): string {
  const { colors, wrapWidth } = output;
  const lines = serve.flatMap(({ argument, change, why }) => {
    const text = `  ${MARKS[change]} ${argument}`;
    if (change === "keep") return [colors.dim(text)];
    const painted = (change === "check" ? colors.yellow : colors.green)(text);
    const short = why.length > LONGEST_REASON ? `${why.slice(0, LONGEST_REASON - 1)}…` : why;
    const isShort = stringWidth(`${text}  ${short}`) <= wrapWidth;
    return isShort
      ? [`${painted}  ${colors.dim(short)}`]
      : [painted, ...wrapText(`      ${short}`, wrapWidth).map(colors.dim)];
  });
  const changes = (["add", "replace", "check"] as const).filter((mark) => serve.some(({ change }) => change === mark));
  const legend = changes.map((change) => LEGEND[change]);
  return [
    colors.bold(`How to serve ${model} for agents`),
    colors.dim(`  (${legend.join(", ")})`),
    ...lines,
    "",
    `  ${command}`,
  ].join("\n");
}
