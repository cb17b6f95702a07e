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
      const text = readFileSync(join(folder, `${name}.ts`), "utf8");
      const [, region] = /^\/\/ #region docs\n([\s\S]*?)^\/\/ #endregion$/m.exec(text) ?? [];
      if (region === undefined) throw new Error(`${name}.ts has no region "docs"`);
      return region;
    },
  };
}

/** The TypeScript that a page shows. */
export function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
}
