import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyChange } from "./processes/apply-change.ts";

const script = fileURLToPath(new URL("processes/change-file.ts", import.meta.url));
const preload = fileURLToPath(new URL("processes/kill-at-step.ts", import.meta.url));

/** Dozens of processes, one after the other, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "adapter-kill-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function run(parameters: readonly string[], killAt?: number): Promise<string | number | null> {
  const flags = ["--conditions=@vllm/source", ...(killAt === undefined ? [] : ["--import", preload])];
  const child = spawn(process.execPath, [...flags, script, ...parameters], {
    env: { ...process.env, KILL_AT: String(killAt ?? 0) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
}

async function contents(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

/** A process that dies between making its lock and writing its name there is waited for until the lock is 30 s old. */
async function ageEmptyLocks(folder: string): Promise<void> {
  const old = new Date(Date.now() - 31_000);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".lock") && (await readFile(path, "utf8")) === "") await utimes(path, old, old);
  }
}

/** Runs one change again and again, each time killed one operation later, until it comes through. */
async function killAtEveryStep(change: {
  kind: string;
  file: string;
  name?: string;
  before: Readonly<Record<string, string>>;
  afterKill: (folder: string) => Promise<void>;
  afterwards: (folder: string) => Promise<void>;
}): Promise<number> {
  for (let killAt = 1; ; killAt += 1) {
    const folder = join(directory, String(killAt));
    await mkdir(folder);
    for (const [name, text] of Object.entries(change.before)) await writeFile(join(folder, name), text);
    const path = join(folder, change.file);
    const ended = await run([change.kind, path, ...(change.name === undefined ? [] : [change.name])], killAt);
    if (ended === 0) {
      await change.afterwards(folder);
      return killAt - 1;
    }
    expect(ended).toBe("SIGKILL");
    await change.afterKill(folder);
    if (change.kind !== "undo") {
      await ageEmptyLocks(folder);
      await applyChange(change.kind, path, change.name);
      await change.afterwards(folder);
    }
    await rm(folder, { recursive: true });
  }
}

function store(key: string): string {
  const vllm = { type: "api_key", provider: "vllm", key };
  const other = { type: "token", provider: "other", token: "t" };
  return `${JSON.stringify({ version: 1, profiles: { "vllm:default": vllm, other } }, null, 2)}\n`;
}

describe("kill -9 at every write step loses nothing", () => {
  const old = '{ a: "old" } // mine\n';
  const changed = '{ a: "new" } // mine\n';
  const backups = { "c.json.bak": "{ b: 0 }", "c.json.bak.1": "{ b: 1 }", "c.json.bak.4": "{ b: 4 }" };

  test(
    "of a configuration",
    async () => {
      const steps = await killAtEveryStep({
        kind: "edit",
        file: "c.json",
        before: { "c.json": old, ...backups },
        async afterKill(folder) {
          expect([old, changed]).toContain(await readFile(join(folder, "c.json"), "utf8"));
          expect(await contents(folder)).toEqual(expect.arrayContaining([old, "{ b: 0 }", "{ b: 1 }"]));
        },
        async afterwards(folder) {
          expect(await readFile(join(folder, "c.json"), "utf8")).toBe(changed);
          expect(await contents(folder)).toEqual(expect.arrayContaining([old, changed, "{ b: 0 }", "{ b: 1 }"]));
        },
      });
      expect(steps).toBeGreaterThan(15);
    },
    TIMEOUT_MS,
  );

  test(
    "of an undo",
    async () => {
      const steps = await killAtEveryStep({
        kind: "undo",
        file: "c.json",
        before: { "c.json": changed, "c.json.bak": old },
        async afterKill(folder) {
          expect([old, changed]).toContain(await readFile(join(folder, "c.json"), "utf8"));
          expect(await contents(folder)).toEqual(expect.arrayContaining([old, changed]));
        },
        async afterwards(folder) {
          expect(await readFile(join(folder, "c.json"), "utf8")).toBe(old);
          expect(await readFile(join(folder, "c.json.bak"), "utf8")).toBe(changed);
        },
      });
      expect(steps).toBeGreaterThan(10);
    },
    TIMEOUT_MS,
  );

  test(
    "of the auth profiles",
    async () => {
      await killAtEveryStep({
        kind: "key",
        file: "auth-profiles.json",
        name: "vllm",
        before: { "auth-profiles.json": store("old") },
        async afterKill(folder) {
          expect([store("old"), store("new")]).toContain(await readFile(join(folder, "auth-profiles.json"), "utf8"));
        },
        async afterwards(folder) {
          expect(await readFile(join(folder, "auth-profiles.json"), "utf8")).toBe(store("new"));
        },
      });
    },
    TIMEOUT_MS,
  );
});

test(
  "two processes that edit at once lose no change of each other",
  async () => {
    const path = join(directory, "c.json");
    await writeFile(path, "{ // ours\n}\n");
    expect(await Promise.all(["x", "y"].map((name) => run(["edit-many", path, name])))).toEqual([0, 0]);
    const text = await readFile(path, "utf8");
    for (const name of ["x", "y"])
      for (let index = 0; index < 8; index += 1) expect(text).toContain(`"${name}${index}": ${index}`);
    expect(text).toContain("// ours");
  },
  TIMEOUT_MS,
);
