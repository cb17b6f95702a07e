import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
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

  test("says who holds it, or that nobody may", async () => {
    await holdLock({ pid: process.pid, createdAt: "2999-01-01T00:00:00.000Z" });
    await expect(withFileLock(path, async () => {}, quick)).rejects.toThrow(`process ${process.pid}, since 2999-`);
    await writeFile(`${path}.lock`, "");
    await expect(withFileLock(path, async () => {}, quick)).rejects.toThrow("or was killed while it made it");
  });

  test("of our own that is empty was left by a killed run or a full disk: it is in nobody's way", async () => {
    const own = `${path}.vllm-connect`;
    await writeFile(`${own}.lock`, "");
    const before = new Date(Date.now() - 1500);
    await utimes(`${own}.lock`, before, before);
    expect(await withFileLock(own, async () => "done", { firstDelayMs: 1, retries: 0 })).toBe("done");
    await writeFile(`${own}.lock`, JSON.stringify({ pid: process.pid, createdAt: "2999-01-01T00:00:00.000Z" }));
    await expect(withFileLock(own, async () => {}, quick)).rejects.toThrow(`the lock of ${path}: process`);
  });

  test("waits for seconds, not for a minute", async () => {
    await holdLock({ pid: process.pid, createdAt: "2999-01-01T00:00:00.000Z" });
    using clock = stopClock();
    await expect(
      clock.passUntil(
        withFileLock(path, async () => {}),
        10,
      ),
    ).rejects.toThrow("Another program");
    expect(clock.elapsedMs).toBeLessThan(7000);
  });

  test("of a run that was killed goes with its half-written file", async () => {
    const temporary = `${path}.1234567890`;
    const other = join(directory, "notes.txt");
    await writeFile(temporary, "half");
    await writeFile(other, "kept");
    const gone = { pid: 2 ** 22 + 12_345, createdAt: new Date().toISOString() };
    await holdLock({ ...gone, temporary });
    expect(await withFileLock(path, async () => "done", quick)).toBe("done");
    // Whatever a lock says, nothing else is removed.
    for (const named of [other, join(directory, "..", "x.1234567890"), "auth-profiles.json.1234567890", 7]) {
      await holdLock({ ...gone, temporary: named });
      expect(await withFileLock(path, async () => "done", quick)).toBe("done");
    }
    expect(await readdir(directory)).toEqual(["notes.txt"]);
  });

  test("names the file that is being written, for whoever finds it dead", async () => {
    const program = `
      import { withFileLock } from ${JSON.stringify(new URL("file-lock.ts", import.meta.url).href)};
      await withFileLock(${JSON.stringify(path)}, async (lock) => {
        await lock.write(${JSON.stringify(path)}, "first");
        setImmediate(() => process.kill(process.pid, "SIGKILL"));
        await Promise.all(Array.from({ length: 50 }, () => lock.write(${JSON.stringify(path)}, "x".repeat(3_000_000))));
      });`;
    await promisify(execFile)(process.execPath, [
      "--conditions=@vllm/source",
      "--input-type=module",
      "--eval",
      program,
    ]).catch(() => {});
    expect((await readdir(directory)).length).toBeGreaterThan(1);
    await withFileLock(path, (lock) => lock.write(path, "second"), quick);
    expect(await readdir(directory)).toEqual(["auth-profiles.json"]);
    expect(await readFile(path, "utf8")).toBe("second");
  });

  test("that another has taken over stays the other's", async () => {
    const other = JSON.stringify({ pid: process.pid, createdAt: new Date().toISOString() });
    await withFileLock(path, () => writeFile(`${path}.lock`, other));
    expect(await readFile(`${path}.lock`, "utf8")).toBe(other);
    expect(await readdir(directory)).toEqual(["auth-profiles.json.lock"]);
  });

  test("a folder that nobody may write to is named, and nothing is left in it", async () => {
    const missing = join(directory, "missing", "x.json");
    await expect(withFileLock(missing, async () => {}, quick)).rejects.toThrow("cannot be made (ENOENT)");
    expect(await readdir(directory)).toEqual([]);
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
