import { execFileSync } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import type { DocumentEdit } from "./edit-document.ts";
import type { ConfigCheck } from "./edit-config-file.ts";
import { planConfigEdit, writeConfigChange } from "./edit-config-file.ts";
import { readConfigFile } from "./read-config-file.ts";
import { planUndo, undoConfig } from "./undo-config.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "adapter-config-"));
  path = join(directory, "coderclaw.json");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const accept = (): void => undefined;

const refuseB: ConfigCheck = (_text, value) => {
  if ("b" in value) throw new Error("b is not allowed");
};

async function edit(edits: readonly DocumentEdit[], check: ConfigCheck = accept): Promise<boolean> {
  const change = await planConfigEdit(path, edits, check);
  await writeConfigChange(change);
  return change.changed;
}

const setA = (value: number): DocumentEdit[] => [{ path: ["a"], value }];

describe("readConfigFile", () => {
  test.skipIf(process.platform === "win32")("a pipe is refused, and nobody waits for it", async () => {
    execFileSync("/usr/bin/env", ["mkfifo", path]);
    await expect(readConfigFile(path)).rejects.toThrow(`${path} is not a file but a pipe, a socket or a device.`);
    await symlink(path, join(directory, "link.json"));
    await expect(readConfigFile(join(directory, "link.json"))).rejects.toThrow("not a file but a pipe");
  });

  test("so is what is too large, unread", async () => {
    await writeFile(path, "");
    await truncate(path, 50 * 1024 * 1024);
    await expect(readConfigFile(path)).rejects.toThrow(`${path} has 50 MiB, and a configuration has at most 4.`);
  });

  test.each([
    ["lists", (levels: number) => `{ a: ${"[".repeat(levels)}${"]".repeat(levels)} }`],
    ["objects", (levels: number) => `${"{a:".repeat(levels)}1${"}".repeat(levels)}`],
  ])("so is what is too deep: %s", async (_, nested) => {
    for (const levels of [300, 50_000]) {
      await writeFile(path, nested(levels));
      await expect(readConfigFile(path)).rejects.toThrow(`${path} is nested deeper than 200 levels.`);
    }
    await writeFile(path, nested(150));
    expect(await readConfigFile(path)).toMatchObject({ exists: true });
  });

  test("a missing file is an empty configuration", async () => {
    expect(await readConfigFile(path)).toMatchObject({ exists: false, text: "", value: {}, hash: undefined });
  });

  verifies("agent/coderclaw/config-json5", "as a value", async () => {
    await writeFile(path, "// c\n{a: 'x', b: [1,2,],}");
    expect((await readConfigFile(path)).value).toEqual({ a: "x", b: [1, 2] });
  });

  test.each([
    [
      "{a: 1,, }",
      'is not valid JSON5 (line 1, column 7): "," cannot stand there; a comma or a quote may be missing before it.',
    ],
    ["{a: [1", "is not valid JSON5 (line 1, column 7): it ends too early, so a bracket or a quote is not closed."],
    ["", "is not valid JSON5: it is empty."],
    ["\ufeff // only\n/* comments */", "is not valid JSON5: it is empty."],
    ["[1]", "does not hold an object."],
    ["null", "does not hold an object."],
  ])("refuses %j and says why", async (text, message) => {
    await writeFile(path, text);
    await expect(readConfigFile(path)).rejects.toThrow(`${path} ${message}`);
  });

  test("an invalid file that has a backup: undo is named", async () => {
    await writeFile(path, "{ oops");
    await expect(readConfigFile(path)).rejects.toMatchObject({ hint: expect.not.stringContaining("undo") });
    await writeFile(`${path}.bak`, "{}");
    await expect(readConfigFile(path)).rejects.toMatchObject({
      hint: expect.stringContaining("npx @vllm/connect undo"),
    });
  });

  test("refuses bytes that are not UTF-8, and a directory", async () => {
    await writeFile(path, Buffer.from([0x7b, 0xff, 0x7d]));
    await expect(readConfigFile(path)).rejects.toThrow("is not UTF-8 text.");
    await expect(readConfigFile(directory)).rejects.toThrow("cannot be read (EISDIR).");
  });

  test("no part of the file's content is in the error", async () => {
    await writeFile(path, '{ apiKey: "sk-secret", oops');
    const error = await readConfigFile(path).catch((cause: unknown) => cause);
    expect(JSON.stringify(error) + String(error)).not.toContain("secret");
  });
});

describe("writeConfigChange", () => {
  verifies("agent/coderclaw/config-write", "modes and backup", async () => {
    path = join(directory, "state", "sub", "coderclaw.json");
    await edit(setA(1));
    expect(await readFile(path, "utf8")).toBe('{\n  "a": 1\n}\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "state"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(directory, "state", "sub"))).toEqual(["coderclaw.json"]);

    await chmod(path, 0o644);
    await edit(setA(2));
    expect(await readFile(`${path}.bak`, "utf8")).toBe('{\n  "a": 1\n}\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(`${path}.bak`)).mode & 0o777).toBe(0o600);
  });

  verifies("agent/coderclaw/config-write", "five backups", async () => {
    for (let value = 0; value <= 7; value += 1) await edit(setA(value));
    const names = (await readdir(directory)).toSorted();
    expect(names).toEqual([
      "coderclaw.json",
      ...["", ".1", ".2", ".3", ".4"].map((suffix) => `coderclaw.json.bak${suffix}`),
    ]);
    const kept = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(directory, name), "utf8"))),
    );
    expect(kept.map(({ a }: { a: number }) => a)).toEqual([7, 6, 5, 4, 3, 2]);
  });

  verifies("agent/coderclaw/unchanged-not-written", "of the file", async () => {
    await writeFile(path, "{ a: 1 } // mine", { mode: 0o640 });
    const before = await stat(path);
    expect(await edit(setA(1))).toBe(false);
    expect(await readdir(directory)).toEqual(["coderclaw.json"]);
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  });

  verifies("agent/coderclaw/invalid-config-untouched", "JSON5 that cannot be read", async () => {
    await writeFile(path, "{ a: 1, oops");
    await expect(edit(setA(2))).rejects.toThrow("is not valid JSON5");
    expect(await readFile(path, "utf8")).toBe("{ a: 1, oops");
    expect(await readdir(directory)).toEqual(["coderclaw.json"]);
  });

  test("what the agent would refuse is not written, neither before nor after the change", async () => {
    await writeFile(path, "{ a: 1, b: 1 }");
    await expect(edit(setA(2), refuseB)).rejects.toThrow("b is not allowed");
    await writeFile(path, "{ a: 1 }");
    await expect(edit([{ path: ["b"], value: 1 }], refuseB)).rejects.toThrow("b is not allowed");
    expect(await readFile(path, "utf8")).toBe("{ a: 1 }");
  });

  test("follows symbolic links: the link stays, the file behind it changes, backups lie beside the link", async () => {
    const real = join(directory, "dotfiles", "my.json5");
    await mkdir(join(directory, "dotfiles"));
    await writeFile(real, "{ a: 1 }");
    await symlink(join("dotfiles", "my.json5"), path);
    await edit(setA(2));
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, "utf8")).toBe("{ a: 2 }");
    expect(await readFile(`${path}.bak`, "utf8")).toBe("{ a: 1 }");
    expect(await readdir(join(directory, "dotfiles"))).toEqual(["my.json5"]);
  });

  test("a link to a file that does not exist yet makes that file", async () => {
    await symlink(join(directory, "later.json"), path);
    await edit(setA(1));
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(directory, "later.json"), "utf8")).toBe('{\n  "a": 1\n}\n');
  });

  test("a file that another program changed since the plan is left alone", async () => {
    await writeFile(path, "{ a: 1 }");
    const change = await planConfigEdit(path, setA(2), accept);
    await writeFile(path, "{ a: 1, theirs: true }");
    await expect(writeConfigChange(change)).rejects.toThrow("was changed by another program in the meantime.");
    expect(await readFile(path, "utf8")).toBe("{ a: 1, theirs: true }");
    await rm(path);
    await expect(writeConfigChange(change)).rejects.toThrow("was changed by another program in the meantime.");
    expect(await readdir(directory)).toEqual([]);
  });

  test("a file that its owner has made read-only is left alone, and stays read-only", async () => {
    await writeFile(path, "{ a: 1 }");
    await chmod(path, 0o444);
    await expect(edit(setA(2))).rejects.toThrow(`${path} is write-protected.`);
    expect(await readFile(path, "utf8")).toBe("{ a: 1 }");
    expect((await stat(path)).mode & 0o777).toBe(0o444);
    expect(await readdir(directory)).toEqual(["coderclaw.json"]);
  });

  test.runIf(process.getuid?.() !== 0)("a directory that may not be written is an error with advice", async () => {
    await writeFile(path, "{ a: 1 }");
    await chmod(directory, 0o500);
    await expect(edit(setA(2))).rejects.toThrow(/cannot be (written|made) \(EACCES\)/);
    await chmod(directory, 0o700);
  });
});

describe("undo", () => {
  test("brings the last backup back, and a second undo the newer content", async () => {
    await writeFile(path, "{ a: 1 } // mine");
    await edit(setA(2));
    await undoConfig(await planUndo(path, accept));
    expect(await readFile(path, "utf8")).toBe("{ a: 1 } // mine");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await undoConfig(await planUndo(path, accept));
    expect(await readFile(path, "utf8")).toBe("{ a: 2 } // mine");
    expect(await readdir(directory)).toEqual(["coderclaw.json", "coderclaw.json.bak"]);
  });

  test("restores over a file that became invalid or vanished", async () => {
    await writeFile(path, "{ a: 1 }");
    await edit(setA(2));
    await writeFile(path, "{ broken");
    await undoConfig(await planUndo(path, accept));
    expect(await readFile(path, "utf8")).toBe("{ a: 1 }");
    expect(await readFile(`${path}.bak`, "utf8")).toBe("{ broken");
    await writeFile(`${path}.bak`, "{ a: 3 }");
    await rm(path);
    await undoConfig(await planUndo(path, accept));
    expect(await readFile(path, "utf8")).toBe("{ a: 3 }");
  });

  test("says so when there is no backup or it is invalid", async () => {
    await expect(planUndo(path, accept)).rejects.toThrow(`There is no backup of ${path}.`);
    await writeFile(`${path}.bak`, "{ broken");
    await expect(planUndo(path, accept)).rejects.toThrow(`${path}.bak is not valid JSON5`);
  });

  test("leaves a write-protected file alone", async () => {
    await writeFile(path, "{ a: 1 }");
    await edit(setA(2));
    await chmod(path, 0o400);
    await expect(undoConfig(await planUndo(path, accept))).rejects.toThrow("is write-protected");
    expect([await readFile(path, "utf8"), await readFile(`${path}.bak`, "utf8")]).toEqual(["{ a: 2 }", "{ a: 1 }"]);
  });

  test("leaves a file alone that changed after the question", async () => {
    await writeFile(path, "{ a: 1 }");
    await edit(setA(2));
    const plan = await planUndo(path, accept);
    await writeFile(path, "{ a: 9 }");
    await expect(undoConfig(plan)).rejects.toThrow("was changed by another program in the meantime.");
    expect(await readFile(path, "utf8")).toBe("{ a: 9 }");
  });
});
