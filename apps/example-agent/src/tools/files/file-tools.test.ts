import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAgentTools } from "../create-tools.ts";
import { callTool } from "../../../test/support/call-tool.ts";
import type { Tool } from "../tool.ts";
import { openFolder } from "./folder.ts";

const SECRET = "the-secret-outside";
let base: string;
let root: string;
let tools: readonly Tool[];

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "file-tools-"));
  root = path.join(base, "project");
  await mkdir(path.join(root, "src/deep"), { recursive: true });
  await mkdir(path.join(root, "node_modules/dep"), { recursive: true });
  await mkdir(path.join(root, "..double"));
  await mkdir(path.join(root, "empty"));
  await mkdir(path.join(base, "project-sibling"));
  await writeFile(path.join(base, "secret.txt"), SECRET);
  await writeFile(path.join(base, "project-sibling/secret.txt"), SECRET);
  await writeFile(path.join(root, "README.md"), "# Title\n\nhello WORLD\n");
  await writeFile(path.join(root, "src/a.ts"), "export const hello = 1;\n");
  await writeFile(path.join(root, "src/deep/b.ts"), "// nothing\n");
  await writeFile(path.join(root, "..double/dots.txt"), "two dots\n");
  await writeFile(path.join(root, "node_modules/dep/index.js"), "hello dependency\n");
  await writeFile(path.join(root, "picture.png"), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 2]));
  await writeFile(path.join(root, "utf16.txt"), Buffer.from("\ufeffhello wide", "utf16le"));
  await writeFile(path.join(root, "latin1.txt"), Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  await writeFile(path.join(root, "nothing.txt"), "");
  await writeFile(
    path.join(root, "long.txt"),
    Array.from({ length: 500 }, (_, index) => `line ${index + 1}`).join("\n"),
  );
  await writeFile(path.join(root, "wide.txt"), `short\n${"w".repeat(5000)}\nlast\n`);
  await symlink(path.join(base, "secret.txt"), path.join(root, "link-out"));
  await symlink("..", path.join(root, "link-up"));
  await symlink(base, path.join(root, "src/link-base"));
  await symlink("link-out", path.join(root, "link-to-link"));
  await symlink("src/a.ts", path.join(root, "link-in"));
  await symlink("loop-b", path.join(root, "loop-a"));
  await symlink("loop-a", path.join(root, "loop-b"));
  await symlink(".", path.join(root, "src/again"));
  execFileSync("/usr/bin/env", ["mkfifo", path.join(root, "pipe")]);
  tools = await createAgentTools(root);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const toolOf = (name: string) => tools.find((tool) => tool.name === name);
async function run(name: string, given: Record<string, unknown>, maxChars = 2000): Promise<string> {
  const { output, isError } = await callTool(toolOf(name), given, { signal: AbortSignal.timeout(5000), maxChars });
  return isError ? `! ${output}` : output;
}

describe("list_files", () => {
  test("never shows names of another folder that takes its place", async () => {
    const swapped = path.join(root, "swapped");
    const away = path.join(root, "away");
    await mkdir(swapped);
    await writeFile(path.join(swapped, "inside.txt"), "x");
    const folder = await openFolder(root);
    const { realPath } = await folder.resolve("swapped");
    // Between the check and the read, and then while it is read.
    await rename(swapped, away);
    await symlink(base, swapped);
    await expect(folder.read(realPath, (held) => readdir(held))).rejects.toThrow();
    await rm(swapped);
    await rename(away, swapped);
    const names = await folder
      .read(realPath, async (held) => {
        await rename(swapped, away);
        await symlink(base, swapped);
        return readdir(held);
      })
      .catch(() => "refused");
    expect([["inside.txt"], "refused"]).toContainEqual(names);
    await rm(swapped);
    await rm(away, { recursive: true });
  });

  test("folders first, sizes, links and pipes marked", async () => {
    expect(await run("list_files", { path: "." })).toBe(
      [
        "..double/",
        "empty/",
        "node_modules/",
        "src/",
        "README.md (21 B)",
        "latin1.txt (4 B)",
        "link-in (link)",
        "link-out (link)",
        "link-to-link (link)",
        "link-up (link)",
        "long.txt (4.4 kB)",
        "loop-a (link)",
        "loop-b (link)",
        "nothing.txt (0 B)",
        "picture.png (8 B)",
        "pipe (not a regular file)",
        "utf16.txt (22 B)",
        "wide.txt (5.0 kB)",
      ].join("\n"),
    );
  });

  test.each([["src"], ["./src/"], ["src/deep/.."], ["link-up/project/src"]])("%s is the folder src", async (given) => {
    expect(await run("list_files", { path: given })).toBe("deep/\na.ts (24 B)\nagain (link)\nlink-base (link)");
  });

  test("an empty folder, a file, nothing", async () => {
    expect(await run("list_files", { path: "empty" })).toBe("empty is empty.");
    expect(await run("list_files", { path: "README.md" })).toBe(
      "! README.md is a file. read_file shows what is in it.",
    );
    expect(await run("list_files", { path: "none" })).toBe('! "none" does not exist. list_files shows what is there.');
  });
});

describe("read_file", () => {
  test("a file, also through a link that stays inside", async () => {
    expect(await run("read_file", { path: "README.md" })).toBe("# Title\n\nhello WORLD");
    expect(await run("read_file", { path: "link-in" })).toBe("export const hello = 1;");
    expect(await run("read_file", { path: path.join(root, "README.md") })).toContain("# Title");
    expect(await run("read_file", { path: "..double/dots.txt" })).toBe("two dots");
    expect(await run("read_file", { path: "src/again/again/a.ts" })).toBe("export const hello = 1;");
  });

  test("a long file comes in pages that name the next one", async () => {
    const first = await run("read_file", { path: "long.txt" }, 500);
    expect(first.length).toBeLessThanOrEqual(500);
    const next = /\[lines 1 to (\d+) of 500; go on with start_line (\d+)\]$/.exec(first);
    expect(next).not.toBeNull();
    const second = await run("read_file", { path: "long.txt", start_line: Number(next?.[2]) }, 500);
    expect(second.split("\n")[0]).toBe(`line ${next?.[2]}`);
    expect(await run("read_file", { path: "long.txt", start_line: 500 })).toBe("line 500");
    expect(await run("read_file", { path: "long.txt", start_line: 501 })).toBe("! The file has 500 lines.");
  });

  test("a line longer than the limit is cut, and the next page goes on after it", async () => {
    expect(await run("read_file", { path: "wide.txt" }, 1000)).toBe(
      "short\n[lines 1 to 1 of 3; go on with start_line 2]",
    );
    const page = await run("read_file", { path: "wide.txt", start_line: 2 }, 1000);
    expect(page).toContain("[line cut: 5000 characters]\n[lines 2 to 2 of 3; go on with start_line 3]");
    expect(page.length).toBeLessThanOrEqual(1000);
  });

  test("what is not text is named, not shown", async () => {
    expect(await run("read_file", { path: "picture.png" })).toBe("! picture.png is not a text file (8 B).");
    expect(await run("read_file", { path: "utf16.txt" })).toBe("hello wide");
    expect(await run("read_file", { path: "latin1.txt" })).toBe("caf\ufffd");
    expect(await run("read_file", { path: "nothing.txt" })).toBe("nothing.txt is empty.");
    expect(await run("read_file", { path: "src" })).toBe("! src is a folder. list_files shows what is in it.");
  });

  test("a pipe without a writer does not hang", async () => {
    expect(await run("read_file", { path: "pipe" })).toBe("! pipe is not a regular file.");
  });

  test.skipIf(process.getuid?.() === 0)("a file without permission gives the code only", async () => {
    await writeFile(path.join(root, "src/deep/locked"), "x");
    await chmod(path.join(root, "src/deep/locked"), 0);
    expect(await run("read_file", { path: "src/deep/locked" })).toBe("! read_file failed (EACCES).");
    await rm(path.join(root, "src/deep/locked"));
  });
});

describe("search_files", () => {
  test("in names and lines, whatever the case, without node_modules and links", async () => {
    expect(await run("search_files", { query: "HELLO", path: "." })).toBe(
      "README.md:3: hello WORLD\nutf16.txt:1: hello wide\nsrc/a.ts:1: export const hello = 1;",
    );
    expect(await run("search_files", { query: "readme" })).toBe("README.md");
  });

  test("below a folder, in one file, nowhere", async () => {
    expect(await run("search_files", { query: "hello", path: "src" })).toBe("src/a.ts:1: export const hello = 1;");
    expect(await run("search_files", { query: "hello", path: "README.md" })).toBe("README.md:3: hello WORLD");
    expect(await run("search_files", { query: "zebra" })).toBe('Nothing found for "zebra".');
    expect(await run("search_files", { query: " " })).toBe("! The query is empty.");
  });

  test("a pattern is plain text", async () => {
    expect(await run("search_files", { query: "(a+)+$" })).toBe('Nothing found for "(a+)+$".');
  });

  test("many matches are capped for each file", async () => {
    const output = await run("search_files", { query: "line", path: "long.txt" });
    expect(output.split("\n")).toHaveLength(11);
    expect(output).toMatch(/long\.txt: more matches in this file$/);
  });

  test("the person's stop ends it", async () => {
    const context = { signal: AbortSignal.abort(), maxChars: 100 };
    await expect(toolOf("search_files")?.run({ query: "x" }, context)).rejects.toThrow("aborted");
  });
});

describe("nothing outside the folder", () => {
  const escapes = [
    "..",
    "../secret.txt",
    "src/../../secret.txt",
    "./././../secret.txt",
    "../project-sibling/secret.txt",
    "/etc/passwd",
    "/",
    "//etc/passwd",
    "link-out",
    "link-to-link",
    "link-up",
    "link-up/secret.txt",
    "src/link-base/secret.txt",
    "src/link-base/project-sibling",
    "loop-a",
    "..\\secret.txt",
    "%2e%2e/secret.txt",
    "~/.ssh/id_rsa",
    "file:///etc/passwd",
    "src\0/../../secret.txt",
    "/proc/self/environ",
    "/dev/zero",
  ];

  test.each(escapes)("%j", async (given) => {
    for (const [name, values] of [
      ["list_files", { path: given }],
      ["read_file", { path: given }],
      ["search_files", { query: "secret", path: given }],
    ] as const) {
      const output = await run(name, values);
      expect(output).toMatch(/^! /);
      expect(output).not.toContain(SECRET);
      expect(output).not.toContain(base);
    }
  });

  test("a folder that becomes a link while the path is looked at", async () => {
    const swapped = path.join(root, "swapped");
    await mkdir(swapped);
    await writeFile(path.join(swapped, "secret.txt"), "harmless");
    const folder = await openFolder(root);
    const { realPath } = await folder.resolve("swapped/secret.txt");
    await (await folder.open(realPath)).close();
    await rm(swapped, { recursive: true });
    await symlink(base, swapped);
    await expect(folder.open(realPath)).rejects.toThrow('"swapped/secret.txt" is outside the folder');
    await rm(swapped);
  });

  test("any path made of dots, slashes, links and names", async () => {
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "src",
      "link-up",
      "link-out",
      "link-base",
      "secret.txt",
      "project",
      "/",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 7 }), async (parts) => {
        const given = parts.join("/");
        expect(await run("read_file", { path: given })).not.toContain(SECRET);
        expect(await run("list_files", { path: given })).not.toContain("project-sibling");
        expect(await run("search_files", { query: "the-secret", path: given })).not.toContain(SECRET);
      }),
      { numRuns: 200 },
    );
  });
});
