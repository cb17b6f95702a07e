import { stat } from "node:fs/promises";
import { cutText } from "../cut-text.ts";
import type { Tool } from "../tool.ts";
import { ToolError } from "../tool.ts";
import type { Folder } from "./folder.ts";
import { toShown } from "./folder.ts";
import { readText } from "./read-text.ts";
import { walk } from "./walk.ts";

const MAX_MATCHES = 50;
const MAX_MATCHES_PER_FILE = 10;
const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 1_000_000;
const MAX_LINE_CHARS = 200;

/** `search_files`: where a text occurs, in file names and in lines. Plain text, no pattern, upper and lower case alike. */
export function createSearchFiles(folder: Folder): Tool {
  return {
    name: "search_files",
    description: "Finds a text in file names and file contents (no pattern; case does not matter).",
    parameters: {
      query: { type: "string", description: "The text to look for" },
      path: { type: "string", description: '"." or a folder or file below it', isOptional: true },
    },
    async run({ query = "", path: given = "." }, { signal }) {
      if (query.trim() === "") throw new ToolError("The query is empty.");
      const place = await folder.resolve(given);
      const isFolder = (await stat(place.realPath)).isDirectory();
      const matches: string[] = [];
      let files = 0;
      for await (const file of isFolder ? walk(place.realPath, signal) : [place.realPath]) {
        files += 1;
        if (files > MAX_FILES)
          return report(matches, query, `[stopped after ${MAX_FILES} files; name a folder in path]`);
        matches.push(...(await searchFile(folder, file, query.toLowerCase())));
        if (matches.length >= MAX_MATCHES) {
          return report(matches.slice(0, MAX_MATCHES), query, `[the first ${MAX_MATCHES} matches; there may be more]`);
        }
      }
      return report(matches, query);
    },
  };
}

async function searchFile(folder: Folder, realPath: string, query: string): Promise<string[]> {
  const shownPath = toShown(folder.root, realPath);
  const matches = shownPath.toLowerCase().includes(query) ? [shownPath] : [];
  const file = await readText(folder, realPath, MAX_FILE_BYTES).catch(() => undefined);
  if (file?.text === undefined || !file.text.toLowerCase().includes(query)) return matches;
  let found = 0;
  for (const [index, line] of file.text.split("\n").entries()) {
    if (!line.toLowerCase().includes(query)) continue;
    found += 1;
    if (found > MAX_MATCHES_PER_FILE) return [...matches, `${shownPath}: more matches in this file`];
    matches.push(`${shownPath}:${index + 1}: ${cutText(line.trim(), MAX_LINE_CHARS)}`);
  }
  return matches;
}

function report(matches: readonly string[], query: string, note?: string): string {
  const found = matches.length > 0 ? matches : [`Nothing found for ${JSON.stringify(query)}.`];
  return [...found, ...(note === undefined ? [] : [note])].join("\n");
}
