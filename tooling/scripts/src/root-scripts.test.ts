import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "./repository.ts";

test("no script of the root is a chain: with --help all but its last command would run (in-turn.ts)", () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.entries(scripts).filter(([, command]) => /&&|\|\||;/.test(command))).toEqual([]);
});
