import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTable, toTable, type FleetData } from "./fleet/fleet-table.ts";

const read = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");
/** Without what the formatter lines up. */
const plain = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---").trim();

test("docs/scale-out.md shows the figures of the last recorded run of two real servers", () => {
  const data = JSON.parse(read("data/fleet.json")) as FleetData;
  expect(plain(readTable(read("scale-out.md"))), "run: RECORD_FLEET=1 pnpm test:fleet").toBe(plain(toTable(data)));
});
