import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readPackages, workspaceRoot } from "./workspace.ts";

const page = readFileSync(join(workspaceRoot, "docs/architecture.md"), "utf8");
const table = page.slice(page.indexOf("## Where does this live?"), page.indexOf("## Glossary"));

/** Paths of the table's second column; after the first, a cell names its siblings. */
const places = [...table.matchAll(/^\| [^|]+\| (`[^|]+)\|$/gm)].flatMap(([, cell = ""]) => {
  const [first = "", ...siblings] = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  return [first, ...siblings.map((name) => join(dirname(first), name))];
});

test("every place that docs/architecture.md names exists", () => {
  expect(places.filter((place) => !existsSync(join(workspaceRoot, place)))).toEqual([]);
  expect(places.length).toBeGreaterThan(40);
});

test("every folder of the packages' sources has a place in it", () => {
  const folders = readPackages()
    .filter(({ folder }) => folder.startsWith("packages/"))
    .flatMap(({ folder }) => foldersIn(join(folder, "src")))
    // The command's folder is named by those in it.
    .flatMap((folder) => (places.some((place) => place.startsWith(`${folder}/`)) ? foldersIn(folder) : [folder]));
  expect(folders.filter((folder) => !places.includes(folder))).toEqual([]);
  expect(folders.length).toBeGreaterThan(60);
});

function foldersIn(parent: string): string[] {
  return readdirSync(join(workspaceRoot, parent), { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => join(parent, name));
}
