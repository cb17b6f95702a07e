import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CacheEntry, DiscoveryStore } from "./cache/cache-entry.ts";

/**
 * Keeps what is known about servers in a folder: one small JSON file a server, readable by this user only, without keys.
 *
 * Safe for several processes: a file is written beside its place and renamed into it, so that a reader sees the old one or the new one.
 * When two processes write at once, the later one stays; both wrote what they had just seen.
 */
export function createFileStore(folder: string): DiscoveryStore {
  const pathOf = (key: string) => join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 24)}.json`);
  return {
    async read(key) {
      const kept = JSON.parse(await readFile(pathOf(key), "utf8")) as { key?: unknown; entry?: unknown };
      return kept.key === key ? kept.entry : undefined;
    },
    async write(key: string, entry: CacheEntry) {
      const path = pathOf(key);
      const draft = `${path}.${process.pid}.${randomUUID()}.tmp`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const file = await open(draft, "wx", 0o600);
        try {
          await file.writeFile(`${JSON.stringify({ key, entry })}\n`);
        } finally {
          await file.close();
        }
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
  };
}
