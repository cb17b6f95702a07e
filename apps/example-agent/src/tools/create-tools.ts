import { calculator } from "./calculator/calculator.ts";
import { createClock } from "./clock.ts";
import { openFolder } from "./files/folder.ts";
import { createListFiles } from "./files/list-files.ts";
import { createReadFile } from "./files/read-file.ts";
import { createSearchFiles } from "./files/search-files.ts";
import type { Tool } from "./tool.ts";

/** What the demo's question needs. */
export function createDemoTools(): readonly Tool[] {
  return [calculator, createClock()];
}

/** The agent's tools over one folder, which they read and never leave. */
export async function createAgentTools(folder: string): Promise<readonly Tool[]> {
  const opened = await openFolder(folder);
  return [createListFiles(opened), createReadFile(opened), createSearchFiles(opened), calculator, createClock()];
}
