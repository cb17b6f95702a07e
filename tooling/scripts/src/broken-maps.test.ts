import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { brokenMaps } from "./broken-maps.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), "maps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const naming = (map: string) => `export {};\n//# sourceMappingURL=${map}\n`;
const mapOf = (sourcesContent?: readonly string[]) => JSON.stringify({ sources: ["../src/a.ts"], sourcesContent });

test("a map that is there with its sources, and a file without one, are fine", () => {
  const files = { "dist/a.js": naming("a.js.map"), "dist/a.js.map": mapOf(["text"]), "dist/b.js": "export {};" };
  expect(brokenMaps(folderOf(files))).toEqual([]);
});

test("a map that is missing, and one without the text of a source, are told", () => {
  const missing = { "dist/a.js": naming("a.js.map"), "dist/a.d.ts": naming("a.d.ts.map") };
  expect(brokenMaps(folderOf(missing)).toSorted()).toEqual([
    "dist/a.d.ts: its map a.d.ts.map is not there",
    "dist/a.js: its map a.js.map is not there",
  ]);
  const empty = { "dist/a.js": naming("a.js.map"), "dist/a.js.map": mapOf() };
  expect(brokenMaps(folderOf(empty))).toEqual(["dist/a.js: its map has no text of ../src/a.ts"]);
});
