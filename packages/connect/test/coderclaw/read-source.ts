import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A checked-out CoderClaw, read only. */
export interface CoderClawSource {
  /** The folder of its package `@seanhogg/coderclaw`. */
  folder: string;
  /** Paths of its files, relative to the folder. */
  files: readonly string[];
  /** Changes with any file. */
  hash: string;
}

/** What installing, building and running leave behind in a checkout. */
const NOT_SOURCE = new Set([".git", "node_modules", "dist"]);

/** @param directory the checkout, or its folder `product`. */
export async function readSource(directory: string): Promise<CoderClawSource> {
  const folder = await findPackage(directory);
  const files = (await listFiles(folder, "")).toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(folder, file)));
  return { folder, files, hash: hash.digest("hex").slice(0, 8) };
}

async function findPackage(directory: string): Promise<string> {
  for (const folder of [directory, join(directory, "product")]) {
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
    if ((JSON.parse(text) as { name?: string }).name === "@seanhogg/coderclaw") return folder;
  }
  throw new Error(`${directory} is not a checkout of CoderClaw: there is no package.json of @seanhogg/coderclaw.`);
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory() && !NOT_SOURCE.has(entry.name)) found.push(...(await listFiles(folder, path)));
    if (entry.isFile()) found.push(path);
  }
  return found;
}
