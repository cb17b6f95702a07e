import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

import { parseCommandLine } from "./parse-command-line.ts";
import { readReplies } from "./script/read-replies.ts";
import { TOOL_CALL_STYLES } from "./script/tool-call-styles.ts";
import { VLLM_VERSIONS } from "./vllm-versions.ts";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(FOLDER, "README.md"), "utf8");
const optionsIn = (text: string) =>
  [...new Set(text.match(/--[a-z][a-z-]+/g))].filter((option) => option !== "--help").toSorted();

it("describes every option of the lab's own, and no other", () => {
  const parsed = parseCommandLine(["--help"]);
  const help = parsed.status === "exit" ? parsed.text : "";
  const declared = help.split("\n").flatMap((line) => /^ {2}(--[a-z-]+)/.exec(line)?.[1] ?? []);
  const table = readme.slice(readme.indexOf("## Options of its own"), readme.indexOf("## In tests"));
  const firstCells = table.split("\n").flatMap((row) => (row.startsWith("|") ? (row.split("|")[1] ?? "") : []));
  expect(optionsIn(firstCells.join(" "))).toEqual(optionsIn(declared.join(" ")));
});

it.each([...Object.keys(TOOL_CALL_STYLES), ...VLLM_VERSIONS])("names %s", (name) => {
  expect(readme).toMatch(new RegExp(String.raw`[\s\`]${name.replaceAll(".", String.raw`\.`)}[\s\`,;]`));
});

it("names questions that have a reply", async () => {
  const asks = new Set((await readReplies()).map(({ ask }) => ask));
  const quoted = [...readme.matchAll(/"([A-Z][^"…]+)"/g)].map(([, question = ""]) => question.replaceAll("\\", ""));
  expect(quoted.length).toBeGreaterThan(3);
  expect(quoted.filter((question) => !asks.has(question))).toEqual([]);
});

it("has an example that compiles", async () => {
  const [, example = ""] = /```typescript\n([^]*?)```/.exec(readme) ?? [];
  expect(example).toContain("startLab(");
  const folder = await mkdtemp(join(FOLDER, ".readme-"));
  try {
    await writeFile(join(folder, "example.ts"), example);
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../../tsconfig.base.json", files: ["example.ts"] }),
    );
    const compiler = join(FOLDER, "../../node_modules/.bin/tsc");
    const { stdout } = await promisify(execFile)(compiler, ["-p", folder]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  } finally {
    await rm(folder, { recursive: true });
  }
});
