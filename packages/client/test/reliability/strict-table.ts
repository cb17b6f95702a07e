import { readFileSync } from "node:fs";

type Figures = Readonly<Record<"withoutStrict" | "withStrict", Readonly<Record<string, number>>>>;

const ROWS = [
  ["wrong, and handed over", "wrongAndHandedOver"],
  ["refused by the client", "refused"],
  ["repaired by the client", "repaired"],
  ["truncated", "truncated"],
  ["right", "good"],
] as const;

/** As `measure:strict` has written them. */
export function readStrictFigures(): Figures {
  const file = new URL("../../../../docs/data/strict-tools.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { ofHundredCallsWithASlip: Figures }).ofHundredCallsWithASlip;
}

export function toStrictTable({ withoutStrict, withStrict }: Figures): string {
  const rows = ROWS.map(([what, key]) => `| ${what} | ${withoutStrict[key]} | ${withStrict[key]} |`);
  return ["| of 100 calls with a slip | without | with |", "| --- | ---: | ---: |", ...rows].join("\n");
}
