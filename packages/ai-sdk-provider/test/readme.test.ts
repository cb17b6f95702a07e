import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exampleNames, readExample } from "./support/examples.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("every block of the README is an example that runs, and every example is shown", () => {
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  expect(blocks.toSorted()).toEqual(exampleNames.map(readExample).toSorted());
});
