import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readPackages, workspaceRoot } from "./workspace.ts";

/** The source of every entry that promises something. */
const entries = readPackages()
  .filter(({ folder }) => folder.startsWith("packages/"))
  .flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports ?? {})
      .filter((target) => typeof target === "object" && target !== null)
      .map((target) => join(folder, (target as { "@vllm/source": string })["@vllm/source"])),
  )
  .filter((file) => !file.endsWith("/internal.ts"));

const read = (file: string) => readFileSync(join(workspaceRoot, file), "utf8");

/** The names that an entry has from files of its own package: those of another package have their text there. */
function exportsOf(entry: string): { name: string; file: string }[] {
  const lists = read(entry).matchAll(/^export (?:type )?\{([^}]*)\} from "(\.[^"]+)";$/gm);
  return [...lists].flatMap(([, list = "", from = ""]) =>
    list
      .split(",")
      .map(
        (item) =>
          item
            .replace(/^\s*type /, "")
            .split(" as ")[0]
            ?.trim() ?? "",
      )
      .filter((name) => name !== "")
      .map((name) => ({ name, file: join(dirname(entry), from) })),
  );
}

/** Follows a name through lists to the file that declares it. */
function declarationOf({ name, file }: { name: string; file: string }): { text: string; index: number } | undefined {
  const text = read(file);
  const declared = new RegExp(
    `^export (?:declare )?(?:async )?(?:function\\*?|const|class|interface|type|abstract class) ${name}\\b`,
    "m",
  ).exec(text);
  if (declared !== null) return { text, index: declared.index };
  const next = exportsOf(file).find((other) => other.name === name);
  return next === undefined || !existsSync(join(workspaceRoot, next.file)) ? undefined : declarationOf(next);
}

/** A doc comment ends on the line before. */
function isExplained({ text, index }: { text: string; index: number }): boolean {
  return /\*\/\s*$/.test(text.slice(Math.max(0, index - 200), index));
}

const names = [
  ...new Map(entries.flatMap(exportsOf).map((exported) => [`${exported.file} ${exported.name}`, exported])).values(),
];

test("every public name is found where it is declared", () => {
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter((exported) => declarationOf(exported) === undefined)).toEqual([]);
});

test("every public name has a doc comment", () => {
  const silent = names.filter((exported) => {
    const declaration = declarationOf(exported);
    return declaration !== undefined && !isExplained(declaration);
  });
  expect(
    silent.map(({ name, file }) => `${file}: ${name}`).toSorted(),
    "say the shape, the units (ms, tokens), the errors thrown and the source",
  ).toEqual([]);
});
