import stringWidth from "string-width";
import type { Colors } from "../terminal/colors.ts";
import { widestWord, wrapText } from "../terminal/wrap-text.ts";

export interface Column {
  title: string;
  align?: "left" | "right" | undefined;
}

/** Plain text and how to paint it: widths and line breaks are worked out on the text alone. */
export interface Cell {
  text: string;
  paint?: ((text: string) => string) | undefined;
}

const GAP = "  ";
const NARROWEST = 12;

/** A table without frames that fits the terminal: the widest columns are wrapped, between words as long as that is enough. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | Cell)[])[],
  { colors, width }: { colors: Colors; width: number },
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const widths = fit(columns, cells, width);
  const head = columns.map((column): Cell => ({ text: column.title, paint: colors.bold }));
  return [head, ...cells].flatMap((row) => renderRow(row, columns, widths)).join("\n");
}

function renderRow(row: readonly Cell[], columns: readonly Column[], widths: readonly number[]): string[] {
  const wrapped = row.map((cell, index) => wrapText(cell.text, widths[index] as number));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    row
      .map(({ paint = (text) => text }, index) => {
        const text = wrapped[index]?.[line] ?? "";
        const padding = " ".repeat(Math.max(0, (widths[index] as number) - stringWidth(text)));
        const painted = text === "" ? "" : paint(text);
        return columns[index]?.align === "right" ? `${padding}${painted}` : `${painted}${padding}`;
      })
      .join(GAP)
      .trimEnd(),
  );
}

function fit(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] {
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(row[index]?.text ?? ""))),
  );
  const available = width - GAP.length * (columns.length - 1);
  const words = columns.map((column, index) =>
    Math.max(widestWord(column.title), ...rows.map((row) => widestWord(row[index]?.text ?? ""))),
  );
  // First the columns that can be broken between words; only if that is not enough, words themselves.
  shrink(widths, available, words);
  shrink(
    widths,
    available,
    widths.map(() => NARROWEST),
  );
  return widths;
}

/** Takes from the widest column that is wider than its limit, until the sum is `available` or no column is. */
function shrink(widths: number[], available: number, limits: readonly number[]): void {
  while (widths.reduce((sum, each) => sum + each, 0) > available) {
    const candidates = widths.map((each, index) => (each > (limits[index] as number) ? each : 0));
    const widest = Math.max(...candidates);
    if (widest === 0) return;
    widths[candidates.indexOf(widest)] = widest - 1;
  }
}
