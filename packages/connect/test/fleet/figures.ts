import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withTable, type FleetData, type FleetRuns } from "./fleet-table.ts";

const root = new URL("../../../../", import.meta.url);
const data = new URL("docs/data/fleet.json", root);
const page = new URL("docs/scale-out.md", root);

/** Prints what was measured; with `RECORD_FLEET=1` keeps it, and writes the table in docs/scale-out.md. */
export async function keepFigures<Name extends keyof FleetRuns>(
  router: string,
  name: Name,
  figures: FleetRuns[Name],
): Promise<void> {
  process.stdout.write(`${router}, ${name}: ${JSON.stringify(figures)}\n`);
  if (process.env["RECORD_FLEET"] !== "1") return;
  const kept = JSON.parse(await readFile(data, "utf8")) as FleetData;
  kept.recorded = new Date().toISOString().slice(0, 10);
  kept.runs[router] = { ...kept.runs[router], [name]: figures };
  await writeFile(data, `${JSON.stringify(kept, undefined, 2)}\n`);
  await writeFile(page, withTable(await readFile(page, "utf8"), kept));
  execFileSync(fileURLToPath(new URL("node_modules/.bin/oxfmt", root)), [fileURLToPath(page), fileURLToPath(data)]);
}
