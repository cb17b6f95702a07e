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

/**
 * A table without frames that fits the terminal: the widest columns are wrapped, between words. Where words would have to be broken, each row
 * is a list instead: an id that is not whole cannot be copied.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | Cell)[])[],
  { colors, width }: { colors: Colors; width: number },
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const widths = fit(columns, cells, width);
  if (widths === undefined) return cells.flatMap((row) => renderList(row, columns, width)).join("\n");
  const head = columns.map((column): Cell => ({ text: column.title, paint: colors.bold }));
  return [head, ...cells].flatMap((row) => renderRow(row, columns, widths)).join("\n");
}

/** The first cell as it is, the others below it, each behind its title. */
function renderList([first, ...others]: readonly Cell[], columns: readonly Column[], width: number): string[] {
  const { text = "", paint = (same: string) => same } = first ?? {};
  const lines = others.flatMap((cell, index) => {
    const title = columns[index + 1]?.title ?? "";
    return wrapText(`    ${title}: ${cell.text}`, width).map((line) => (cell.paint ?? ((same) => same))(line));
  });
  return [paint(text), ...lines];
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

/** Undefined when only broken words would fit. A single column has nothing to be put below it. */
function fit(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] | undefined {
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(row[index]?.text ?? ""))),
  );
  const available = width - GAP.length * (columns.length - 1);
  const words = columns.map((column, index) =>
    Math.max(widestWord(column.title), ...rows.map((row) => widestWord(row[index]?.text ?? ""))),
  );
  shrink(widths, available, words);
  if (widths.reduce((sum, each) => sum + each, 0) <= available) return widths;
  return columns.length === 1 ? [available] : undefined;
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
