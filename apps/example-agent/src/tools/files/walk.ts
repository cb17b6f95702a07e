import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

/** Folders nobody searches: not a person's own text, and large. */
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules", ".venv", "__pycache__", ".turbo"]);

/** Every regular file below a folder, in the order of its names. Links are not followed, so nothing outside is reached. */
export async function* walk(start: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const waiting = [start];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
    const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of sorted) {
      signal.throwIfAborted();
      if (entry.isFile()) yield path.join(folder, entry.name);
    }
    for (const entry of sorted.toReversed()) {
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) waiting.push(path.join(folder, entry.name));
    }
  }
}
