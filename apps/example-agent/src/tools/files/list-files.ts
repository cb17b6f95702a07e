import { lstat, opendir, stat } from "node:fs/promises";
import path from "node:path";
import type { Tool } from "../tool.ts";
import { ToolError } from "../tool.ts";
import type { Folder } from "./folder.ts";
import { formatSize } from "./format-size.ts";

const MAX_ENTRIES = 500;

/** `list_files`: the names in one folder, folders first. */
export function createListFiles(folder: Folder): Tool {
  return {
    name: "list_files",
    description: "Lists the files and folders in a folder.",
    parameters: { path: { type: "string", description: '"." or a folder below it', isOptional: true } },
    async run({ path: given = "." }) {
      const place = await folder.resolve(given);
      const status = await stat(place.realPath);
      if (!status.isDirectory()) throw new ToolError(`${place.shownPath} is a file. read_file shows what is in it.`);
      const { folders, files, isWhole } = await folder.read(place.realPath, readNames);
      if (folders.length + files.length === 0) return `${place.shownPath} is empty.`;
      const note = isWhole ? [] : [`[more than ${MAX_ENTRIES} entries; the rest is not shown]`];
      return [...folders.toSorted(), ...files.toSorted(), ...note].join("\n");
    },
  };
}

async function readNames(folderPath: string): Promise<{ folders: string[]; files: string[]; isWhole: boolean }> {
  const folders: string[] = [];
  const files: string[] = [];
  for await (const entry of await opendir(folderPath)) {
    if (folders.length + files.length >= MAX_ENTRIES) return { folders, files, isWhole: false };
    if (entry.isDirectory()) folders.push(`${entry.name}/`);
    else if (entry.isSymbolicLink()) files.push(`${entry.name} (link)`);
    else if (entry.isFile()) {
      const size = await lstat(path.join(folderPath, entry.name)).then(
        (status) => status.size,
        () => undefined,
      );
      files.push(size === undefined ? entry.name : `${entry.name} (${formatSize(size)})`);
    } else files.push(`${entry.name} (not a regular file)`);
  }
  return { folders, files, isWhole: true };
}
