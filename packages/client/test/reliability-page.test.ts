import { readFileSync } from "node:fs";
import { failureKinds } from "@vllm-tooling/fake-vllm";
import { expect, test } from "vitest";
import { readStrictFigures, toStrictTable } from "./reliability/strict-table.ts";

const page = readFileSync(new URL("../../../docs/reliability.md", import.meta.url), "utf8");

test("docs/reliability.md has a row for every fault, and no stream of its soak ended wrongly", () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| /gm)].map((row) => row[1]);
  expect(rows, "run: pnpm reliability").toEqual([...failureKinds]);
  expect(page).toMatch(/^200 streams, 20 at once, \d+ of them .*: 0 ended in another way/m);
  expect(page).toContain("![Latency, heap and sockets over time](reliability.svg)");
});

test("docs/reliability.md has the figures of strict tools as they were measured", () => {
  const table = toStrictTable(readStrictFigures());
  expect(table).toMatch(/^\| wrong, and handed over \| \d+ \| 0 \|$/m);
  expect(page, "run: pnpm reliability").toContain(table);
});
