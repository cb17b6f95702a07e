import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { exists, makeOnce, type MakeOnceOptions } from "./make-once.ts";

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "make-once-"));
  folder = join(root, "environments", "one");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const isUsable = (path: string) => exists(join(path, "done"));
const fill = (path: string) => writeFile(join(path, "done"), "yes");
const make = (options: Partial<MakeOnceOptions> = {}) => makeOnce(folder, { isUsable, make: fill, ...options });
const leftIn = async () => (await readdir(join(root, "environments"))).toSorted();

describe("one process", () => {
  it("makes the folder, and leaves nothing else", async () => {
    await make();
    expect(await leftIn()).toEqual(["one"]);
    expect(await isUsable(folder)).toBe(true);
  });

  it("does nothing when it is there", async () => {
    await make();
    const again = vi.fn(fill);
    await make({ make: again });
    expect(again).not.toHaveBeenCalled();
  });

  it("makes it anew when it is there but not usable", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "half"), "");
    await make();
    expect(await readdir(folder)).toEqual(["done"]);
  });

  it("has nothing under the name until all is made", async () => {
    const seen: boolean[] = [];
    await make({
      make: async (path) => {
        await fill(path);
        seen.push(await exists(folder));
      },
    });
    expect(seen).toEqual([false]);
  });

  it("leaves nothing behind when making fails, and succeeds later", async () => {
    const failed = make({
      make: async (path) => {
        await fill(path);
        throw new Error("no network");
      },
    });
    await expect(failed).rejects.toThrow("no network");
    expect(await leftIn()).toEqual([]);
    await make();
    expect(await isUsable(folder)).toBe(true);
  });

  it("does not use what was finished after it was told to stop", async () => {
    const interrupt = new AbortController();
    const stopped = make({
      signal: interrupt.signal,
      make: async (path) => {
        await fill(path);
        interrupt.abort(new Error("Ctrl-C"));
      },
    });
    await expect(stopped).rejects.toThrow("Ctrl-C");
    expect(await leftIn()).toEqual([]);
  });
});

describe("several at once", () => {
  it("makes it once; the others wait and say so", async () => {
    const making = vi.fn(async (path: string) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await fill(path);
    });
    const onWait = vi.fn();
    await Promise.all([1, 2, 3].map(() => make({ make: making, onWait })));
    expect(making).toHaveBeenCalledTimes(1);
    expect(onWait).toHaveBeenCalledTimes(2);
  });

  it("lets the next one try when the first has failed", async () => {
    const first = make({
      make: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        throw new Error("no network");
      },
    });
    await vi.waitUntil(() => exists(`${folder}.lock`), { timeout: 60_000, interval: 5 });
    const second = make();
    await expect(first).rejects.toThrow("no network");
    await second;
    expect(await isUsable(folder)).toBe(true);
  });

  it("stops waiting when told to", async () => {
    await mkdir(`${folder}.lock`, { recursive: true });
    const interrupt = new AbortController();
    const waiting = make({ signal: interrupt.signal, onWait: () => interrupt.abort(new Error("Ctrl-C")) });
    await expect(waiting).rejects.toThrow("Ctrl-C");
  });

  it("is safe between processes", async () => {
    const log = join(root, "log");
    const program = `
      import { appendFile, writeFile } from "node:fs/promises";
      import { exists, makeOnce } from ${JSON.stringify(new URL("make-once.ts", import.meta.url).href)};
      await makeOnce(${JSON.stringify(folder)}, {
        isUsable: (path) => exists(path + "/done"),
        make: async (path) => {
          await appendFile(${JSON.stringify(log)}, "made\\n");
          await new Promise((resolve) => setTimeout(resolve, 300));
          await writeFile(path + "/done", "");
        },
      });`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
    await Promise.all([run(), run(), run()]);
    expect(await readFile(log, "utf8")).toBe("made\n");
    expect(await leftIn()).toEqual(["one"]);
  });
});

describe("after a process that was killed", () => {
  it("takes over its lock and removes what it had half made", async () => {
    const program = `
      import { makeOnce } from ${JSON.stringify(new URL("make-once.ts", import.meta.url).href)};
      await makeOnce(${JSON.stringify(folder)}, {
        isUsable: async () => false,
        make: async () => { console.log("making"); await new Promise((resolve) => setTimeout(resolve, 60_000)); },
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await leftIn()).toEqual([expect.stringMatching(/^one\.building-/), "one.lock"]);

    // as if minutes had passed
    await utimes(`${folder}.lock`, new Date(0), new Date(0));
    await make();
    expect(await leftIn()).toEqual(["one"]);
    expect(await isUsable(folder)).toBe(true);
  });
});
