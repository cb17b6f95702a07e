import { stat } from "node:fs/promises";
import { cutText } from "../cut-text.ts";
import type { Tool } from "../tool.ts";
import { ToolError } from "../tool.ts";
import type { Folder } from "./folder.ts";
import { formatSize } from "./format-size.ts";
import { readText } from "./read-text.ts";

const MAX_BYTES = 4_000_000;

/** `read_file`: a text file, or as much of it as the model can take, from a line on. */
export function createReadFile(folder: Folder): Tool {
  return {
    name: "read_file",
    description: "Reads a text file. A long file is cut; ask again with start_line for the rest.",
    parameters: {
      path: { type: "string", description: "Path of the file" },
      start_line: { type: "integer", description: "First line to show, 1 when absent", isOptional: true },
    },
    async run({ path: given = "", start_line: startLine = "1" }, { maxChars }) {
      const place = await folder.resolve(given);
      if ((await stat(place.realPath)).isDirectory()) {
        throw new ToolError(`${place.shownPath} is a folder. list_files shows what is in it.`);
      }
      const file = await readText(folder, place.realPath, MAX_BYTES);
      if (file === undefined) throw new ToolError(`${place.shownPath} is not a regular file.`);
      if (file.text === undefined) {
        throw new ToolError(`${place.shownPath} is not a text file (${formatSize(file.size)}).`);
      }
      if (file.size === 0) return `${place.shownPath} is empty.`;
      const shown = toPage(file.text, Math.max(1, Number(startLine)), maxChars);
      return file.isWhole
        ? shown
        : `${shown}\n[the file has ${formatSize(file.size)}; only its first ${formatSize(MAX_BYTES)} can be read]`;
    },
  };
}

/** The lines from `startLine` on that fit, and where to go on. */
function toPage(text: string, startLine: number, maxChars: number): string {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (startLine > lines.length) throw new ToolError(`The file has ${lines.length} lines.`);
  const page: string[] = [];
  let room = maxChars - 100;
  for (const line of lines.slice(startLine - 1)) {
    if (line.length > room && page.length > 0) break;
    page.push(line.length > room ? `${cutText(line, room)} [line cut: ${line.length} characters]` : line);
    room -= line.length + 1;
    if (room <= 0) break;
  }
  const next = startLine + page.length;
  if (next > lines.length) return page.join("\n");
  return `${page.join("\n")}\n[lines ${startLine} to ${next - 1} of ${lines.length}; go on with start_line ${next}]`;
}
