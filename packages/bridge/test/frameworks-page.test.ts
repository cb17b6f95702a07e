import { readFileSync } from "node:fs";
import { blocksOf } from "@vllm-tooling/contract/examples";
import { expect, test } from "vitest";
import { examples } from "./frameworks/run-example.ts";

const page = readFileSync(new URL("../../../docs/frameworks.md", import.meta.url), "utf8");

test("every block of docs/frameworks.md is a program that `pnpm test:frameworks` runs, and every one is shown", () => {
  expect(blocksOf(page).toSorted()).toEqual(examples.names.map(examples.read).toSorted());
});
