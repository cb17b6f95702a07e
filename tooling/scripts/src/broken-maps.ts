import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

interface SourceMap {
  sources: readonly string[];
  sourcesContent?: readonly (string | null)[];
}

/** What is wrong with the maps of an installed package: each has to be there, and bring the text of every source, since no source is published. */
export function brokenMaps(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && /\.(?:js|d\.ts)$/.test(item.name) && !item.parentPath.includes("node_modules"))
    .map((item) => path.join(item.parentPath, item.name));
  return files.flatMap((file) => {
    const named = /^\/\/# sourceMappingURL=(.+)$/m.exec(readFileSync(file, "utf8"))?.[1];
    const problem = named === undefined ? undefined : problemOf(path.join(path.dirname(file), named));
    return problem === undefined ? [] : [`${path.relative(folder, file)}: ${problem}`];
  });
}

function problemOf(file: string): string | undefined {
  if (!existsSync(file)) return `its map ${path.basename(file)} is not there`;
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(file, "utf8")) as SourceMap;
  const missing = sources.filter((_, index) => (sourcesContent[index] ?? "") === "");
  return missing.length === 0 ? undefined : `its map has no text of ${missing.join(", ")}`;
}
