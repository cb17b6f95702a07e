import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CacheEntry } from "./cache/cache-entry.ts";
import { createFileStore } from "./file-store.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vllm-discovery-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = (savedAt: number) =>
  ({ format: 1, report: { models: [] }, learned: [], savedAt }) as unknown as CacheEntry;

describe("createFileStore", () => {
  test("keeps one file a server, for this user only", async () => {
    const path = join(folder, "new", "deep");
    const store = createFileStore(path);
    await store.write("http://a:8000/v1", entry(1));
    await store.write("http://b:8000/v1", entry(2));
    await store.write("http://a:8000/v1", entry(3));
    expect(await store.read("http://a:8000/v1")).toEqual(entry(3));
    expect(await store.read("http://b:8000/v1")).toEqual(entry(2));
    const files = await readdir(path);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect((await stat(join(path, file))).mode & 0o777).toBe(0o600);
      expect(file).toMatch(/^[0-9a-f]{24}\.json$/);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  test("a missing or torn file is a failure of reading, which the cache takes for nothing", async () => {
    const path = join(folder, "torn");
    const store = createFileStore(path);
    await expect(store.read("x")).rejects.toMatchObject({ code: "ENOENT" });
    await store.write("x", entry(1));
    const [file = ""] = await readdir(path);
    await writeFile(join(path, file), (await readFile(join(path, file), "utf8")).slice(0, 20));
    await expect(store.read("x")).rejects.toThrow(SyntaxError);
  });

  test("a file of another server under the same name is not taken", async () => {
    const path = join(folder, "other");
    const store = createFileStore(path);
    await store.write("x", entry(1));
    const [file = ""] = await readdir(path);
    await writeFile(join(path, file), JSON.stringify({ key: "y", entry: entry(9) }));
    expect(await store.read("x")).toBeUndefined();
  });

  test("a place that cannot be written leaves no draft behind", async () => {
    const path = join(folder, "file");
    await writeFile(path, "in the way");
    await expect(createFileStore(path).write("x", entry(1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  test("several processes write at once, and every reader finds a whole entry", async () => {
    const path = join(folder, "many");
    const script = `
      import { createFileStore } from ${JSON.stringify(new URL("file-store.ts", import.meta.url).href)};
      const store = createFileStore(${JSON.stringify(path)});
      const text = "x".repeat(20000);
      for (let i = 0; i < 60; i++) await store.write("key", { format: 1, learned: [], savedAt: i, report: { text, end: text.length } });
    `;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ["--conditions=@vllm/source", "--input-type=module", "--eval", script], {
        stdio: "inherit",
      }),
    );
    const ended = Promise.all(
      children.map((child) => new Promise<number | null>((resolve) => child.on("exit", resolve))),
    );
    const store = createFileStore(path);
    let isOver = false;
    void ended.then(() => (isOver = true));
    let reads = 0;
    while (!isOver) {
      const read = (await store.read("key").catch((error: NodeJS.ErrnoException) => {
        expect(error.code).toBe("ENOENT");
      })) as { report: { text: string; end: number } } | undefined;
      if (read !== undefined) {
        expect(read.report.text).toHaveLength(read.report.end);
        reads += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await ended).toEqual([0, 0, 0]);
    expect(reads).toBeGreaterThan(0);
    expect(await readdir(path)).toHaveLength(1);
  });
});
