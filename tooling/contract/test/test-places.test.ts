import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, nameOf, readPackages, readSources, type SourceFile } from "./workspace.ts";

const isTest = (path: string) => path.endsWith(".test.ts");

/** `src/chat/retry.slow.test.ts` bears the name of `src/chat/retry.ts`. */
const subjectOf = (path: string) => join(dirname(path), `${basename(path).split(".")[0]}.ts`);

/** Whether a test in `src` stands beside what it tests: a file of its name, or files of its folder that it imports. */
function standsBeside(file: Pick<SourceFile, "path" | "text">, paths: ReadonlySet<string>): boolean {
  if (paths.has(subjectOf(file.path))) return true;
  return importsOf(file.text)
    .filter((specifier) => specifier.startsWith("./"))
    .map((specifier) => normalize(join(dirname(file.path), specifier)))
    .some((path) => path !== "src/index.ts");
}

const files = readPackages().map(readSources);

describe("a test in src/", () => {
  test("stands beside what it tests", () => {
    const found = files.flatMap((own) => {
      const paths = new Set(own.map(({ path }) => path));
      return own
        .filter(({ path }) => path.startsWith("src/") && isTest(path))
        .filter((file) => !standsBeside(file, paths));
    });
    expect(
      found.map(nameOf),
      "name it after the file beside it that it tests; if it goes through an entry or a command, move it to test/",
    ).toEqual([]);
  });

  const paths = new Set(["src/chat/retry.ts", "src/chat/retry-rules.ts", "src/index.ts"]);

  test.each([
    ["src/chat/retry.test.ts", 'import { createVllmClient } from "../index.ts";'],
    ["src/chat/retry.slow.test.ts", ""],
    ["src/chat/all-retries.test.ts", 'import { rules } from "./retry-rules.ts";'],
  ])("%s is accepted with %j", (path, text) => expect(standsBeside({ path, text }, paths)).toBe(true));

  test.each([
    ["src/chat/all-retries.test.ts", 'import { createVllmClient } from "../index.ts";'],
    ["src/speed.slow.test.ts", 'import { createVllmClient } from "./index.ts";'],
    ["src/chat/all-retries.test.ts", 'import { play } from "../../test/play.ts";'],
  ])("%s is refused with %j", (path, text) => expect(standsBeside({ path, text }, paths)).toBe(false));
});

test("every test stands in src/ or test/", () => {
  const tests = files.flat().filter(({ path }) => isTest(path));
  expect(tests.filter(({ path }) => !/^(?:src|test)\//.test(path)).map(nameOf)).toEqual([]);
  expect(tests.length).toBeGreaterThan(300);
});
