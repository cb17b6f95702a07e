import stringWidth from "string-width";
import type { Output } from "./output.ts";
import { wrapText } from "./wrap-text.ts";

/** A line and, dimmed, a word about it: behind it where there is room, else below, at `indent`. */
export function withNote(
  line: string,
  note: string,
  { colors, wrapWidth }: Pick<Output, "colors" | "wrapWidth">,
  indent = 2,
): string {
  if (stringWidth(`${line} ${note}`) <= wrapWidth) return `${line} ${colors.dim(note)}`;
  return [line, ...wrapText(`${" ".repeat(indent)}${note}`, wrapWidth).map(colors.dim)].join("\n");
}
