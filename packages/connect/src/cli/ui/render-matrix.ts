import type { Matrix } from "../../matrix/run-matrix.ts";
import type { Output } from "../terminal/output.ts";
import type { Cell } from "./render-table.ts";
import { renderTable } from "./render-table.ts";

/** What the server and the model really do, a line for each thing. */
export function renderMatrix({ model, rows }: Matrix, output: Output): string {
  const { colors, width } = output;
  const paint = { works: colors.green, fails: colors.red, refused: colors.red, "not tried": colors.yellow };
  const first = new Map<string, string>();
  for (const { name, evidence } of rows) if (!first.has(evidence)) first.set(evidence, name);
  const cells = rows.map((row): (string | Cell)[] => [
    `  ${row.name}`,
    { text: row.outcome, paint: paint[row.outcome] },
    `${(row.ms / 1000).toFixed(1)} s`,
    { text: first.get(row.evidence) === row.name ? row.evidence : `as: ${first.get(row.evidence)}`, paint: colors.dim },
  ]);
  const columns = [
    { title: `  ${model}` },
    { title: "Does it" },
    { title: "Took", align: "right" },
    { title: "Seen" },
  ] as const;
  return renderTable(columns, cells, { colors, width });
}
