import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findPatterns } from "../src/regexp/find-patterns.ts";
import { findSlowText } from "../src/regexp/slow-text.ts";
import { workspaceRoot } from "./workspace.ts";

/**
 * Nothing that a model, a server or a user writes may freeze a program: no regular expression takes more than linear time.
 * Tests are left out: their patterns read what the test itself has made.
 */
const files = execFileSync("git", ["ls-files"], { cwd: workspaceRoot, encoding: "utf8" })
  .split("\n")
  .filter((path) => /^(?:packages|apps|tooling)\/.*\.(?:ts|mjs|js)$/.test(path))
  .filter((path) => !/\/test\/|\.test(?:-d)?\.ts$|^tooling\/fixtures\/data\//.test(path))
  .map((path) => ({ path, ...findPatterns(readFileSync(join(workspaceRoot, path), "utf8"), path) }));

/** Files that make patterns of texts while they run, and why those are linear. */
const MADE: Readonly<Record<string, string>> = {
  "packages/client/src/leaked-markup/marker-set.ts": "fixed texts with | between them, nothing repeated",
  "packages/coderclaw-adapter/src/secrets/env-file.ts": "a name between blanks, from the start of a line",
  "packages/discovery/src/families/tool-formats.ts": "its own test tries every one",
  "packages/discovery/src/text/safe-text.ts": "one class of characters",
  "packages/schema/src/errors/quote-server.ts": "sticky, over 2,000 characters",
  "packages/schema/src/errors/schema-error.ts": "over 4,000 characters",
  "packages/transport/src/http1/parse-chunk-size.ts": "classes that share no character, over 1,024 characters",
  "packages/transport/src/http1/parse-head.ts": "classes that share no character with what stands behind them",
  "tooling/bench/src/main.ts": "an option of whoever runs it",
  "tooling/fake-vllm/src/routes.ts": "routes of the fake, one segment at a time",
  "tooling/fixtures/src/record.ts": "an option of whoever runs it",
};

describe("regular expressions of the source", () => {
  test("none takes more than linear time", () => {
    const slow = files.flatMap(({ path, literals }) =>
      literals.flatMap(({ line, pattern }) => {
        const text = findSlowText(pattern);
        return text === undefined ? [] : [`${path}:${line} ${pattern} over ${describeText(text)}`];
      }),
    );
    expect(slow, "Write it so that no character can be read in two ways, or read the text by hand").toEqual([]);
    expect(files.flatMap(({ literals }) => literals).length).toBeGreaterThan(400);
  });

  test("those that are made at run time are few, and known", () => {
    const made = files.filter(({ path, made: lines }) => lines.length > 0 && !path.startsWith("tooling/contract/"));
    const checked = made.filter(({ path, made: lines }) => lines.some((line) => makesOne(path, line)));
    expect(checked.map(({ path }) => path).toSorted()).toEqual(Object.keys(MADE).toSorted());
  });
});

function describeText({ before, pump }: { before: string; pump: string }): string {
  return `${JSON.stringify(before)} and many ${JSON.stringify(pump)}`;
}

/** A type is none. */
function makesOne(path: string, line: number): boolean {
  return /\bRegExp\(/.test(readFileSync(join(workspaceRoot, path), "utf8").split("\n")[line - 1] ?? "");
}
