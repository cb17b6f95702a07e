import { readFileSync } from "node:fs";
import { failureKinds } from "@vllm-tooling/fake-vllm";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../docs/reliability.md", import.meta.url), "utf8");

test("docs/reliability.md has a row for every fault, and no stream of its soak ended wrongly", () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| /gm)].map((row) => row[1]);
  expect(rows, "run: pnpm reliability").toEqual([...failureKinds]);
  expect(page).toMatch(/^200 streams, 20 at once, \d+ of them .*: 0 ended in another way/m);
  expect(page).toContain("![Latency, heap and sockets over time](reliability.svg)");
});
