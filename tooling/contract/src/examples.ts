import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Programs that a page shows: one a file, the shown part between `// #region docs` and `// #endregion`. */
export interface Examples {
  readonly names: readonly string[];
  /** What the page shows of one. */
  read(name: string): string;
}

export function readExamples(folder: string): Examples {
  return {
    names: readdirSync(folder)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.replace(/\.ts$/, "")),
    read(name) {
      const [region] = between(readFileSync(join(folder, `${name}.ts`), "utf8"), "// #region docs", "// #endregion");
      if (region === undefined) throw new Error(`${name}.ts has no region "docs"`);
      return region;
    },
  };
}

/** The TypeScript that a page shows. */
export function blocksOf(page: string): string[] {
  return between(page, "```ts", "```");
}

/** The lines between two lines, each time they are there. */
function between(text: string, first: string, last: string): string[] {
  const found: string[] = [];
  let lines: string[] | undefined;
  for (const line of text.split("\n")) {
    if (lines === undefined) {
      if (line === first) lines = [];
    } else if (line === last) {
      found.push(lines.map((each) => `${each}\n`).join(""));
      lines = undefined;
    } else lines.push(line);
  }
  return found;
}
