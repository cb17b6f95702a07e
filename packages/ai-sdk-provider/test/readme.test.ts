import { readFileSync } from "node:fs";
import { blocksOf } from "@vllm-tooling/contract/examples";
import { expect, test } from "vitest";
import { examples } from "./support/examples.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("every block of the README is an example that runs, and every example is shown", () => {
  expect(blocksOf(readme).toSorted()).toEqual(examples.names.map(examples.read).toSorted());
});
