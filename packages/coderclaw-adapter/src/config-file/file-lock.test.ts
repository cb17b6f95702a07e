import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { withFileLock } from "./file-lock.ts";

let directory: string;
let path: string;
const quick = { firstDelayMs: 1, retries: 2 };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "adapter-lock-"));
  path = join(directory, "auth-profiles.json");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const holdLock = (holder: unknown): Promise<void> => writeFile(`${path}.lock`, JSON.stringify(holder));

describe("withFileLock", () => {
  verifies("agent/coderclaw/profile-lock", "pid and createdAt, removed afterwards", async () => {
    const during = await withFileLock(path, async () => JSON.parse(await readFile(`${path}.lock`, "utf8")));
    expect(during).toEqual({ pid: process.pid, createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    expect(await readdir(directory)).toEqual([]);
  });

  verifies("agent/coderclaw/profile-lock", "released when the work fails", async () => {
    await expect(withFileLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await readdir(directory)).toEqual([]);
  });

  verifies("agent/coderclaw/profile-lock", "never while a living process holds it", async () => {
    await holdLock({ pid: process.pid, createdAt: new Date().toISOString() });
    let ran = false;
    const work = async (): Promise<void> => {
      ran = true;
    };
    await expect(withFileLock(path, work, quick)).rejects.toThrow("Another program holds the lock");
    expect(ran).toBe(false);
    expect(await readdir(directory)).toEqual(["auth-profiles.json.lock"]);
  });

  verifies.each(
    "agent/coderclaw/profile-lock",
    [
      ["its process is gone", { pid: 2 ** 22 + 12_345, createdAt: new Date().toISOString() }],
      ["it is older than 30 s", { pid: process.pid, createdAt: new Date(Date.now() - 31_000).toISOString() }],
      ["its time is unreadable", { pid: process.pid, createdAt: "yesterday" }],
    ],
    async ([, holder]) => {
      await holdLock(holder);
      expect(await withFileLock(path, async () => "done", quick)).toBe("done");
    },
  );

  verifies("agent/coderclaw/profile-lock", "an empty file is being written, unless it is old", async () => {
    await writeFile(`${path}.lock`, "");
    await expect(withFileLock(path, async () => "done", quick)).rejects.toThrow("Another program holds the lock");
    const old = new Date(Date.now() - 31_000);
    await utimes(`${path}.lock`, old, old);
    expect(await withFileLock(path, async () => "done", quick)).toBe("done");
  });

  verifies("agent/coderclaw/profile-lock", "one works after the other", async () => {
    let inside = 0;
    const order: number[] = [];
    const work = (index: number) => async (): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      order.push(index);
      inside -= 1;
    };
    await Promise.all([0, 1, 2, 3].map((index) => withFileLock(path, work(index), { firstDelayMs: 2, retries: 10 })));
    expect(order.toSorted()).toEqual([0, 1, 2, 3]);
  });
});
