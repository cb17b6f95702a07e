import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { findIncludeOf, resolveIncludes } from "./includes.ts";
import { readConfigFile } from "./read-config-file.ts";

let directory: string;
let root: string;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "adapter-include-")));
  root = join(directory, "state", "coderclaw.json");
  await mkdir(dirname(root));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, "state", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function resolved(files: Readonly<Record<string, string>>) {
  await write(files);
  return resolveIncludes((await readConfigFile(root)).value, root);
}

describe("resolveIncludes", () => {
  verifies("agent/coderclaw/include-merge", "values beside the $include win", async () => {
    const { value, files } = await resolved({
      "coderclaw.json": `{ a: { $include: "./sub/one.json5", list: [3], keep: "mine", deep: { y: 2 } }, b: 1 }`,
      "sub/one.json5": `{ list: [1, 2], keep: "theirs", deep: { x: 1 }, more: { $include: "two.json" } } // c`,
      "sub/two.json": `[5]`.replace("[5]", `{ "z": 1 }`),
    });
    expect(value).toEqual({ a: { list: [1, 2, 3], keep: "mine", deep: { x: 1, y: 2 }, more: { z: 1 } }, b: 1 });
    expect(files).toEqual([join(directory, "state/sub/one.json5"), join(directory, "state/sub/two.json")]);
  });

  verifies("agent/coderclaw/include-merge", "a list of files in its order", async () => {
    const { value } = await resolved({
      "coderclaw.json": `{ $include: ["a.json", "b.json"], x: [0] }`,
      "a.json": `{ x: [1], y: "a" }`,
      "b.json": `{ x: [2], y: "b" }`,
    });
    expect(value).toEqual({ x: [1, 2, 0], y: "b" });
  });

  verifies.each(
    "agent/coderclaw/include-merge",
    [
      ["leaves the folder", `{ $include: "../outside.json" }`],
      ["leaves the folder", `{ $include: "link.json" }`],
      ["does not exist", `{ $include: "missing.json" }`],
      ["goes in a circle", `{ $include: "coderclaw.json" }`],
      ["goes in a circle", `{ $include: "loop.json" }`],
      ["neither a file name nor a list", `{ $include: 5 }`],
      ["neither a file name nor a list", `{ $include: ["a.json", 5] }`],
      ["is not valid JSON5", `{ $include: "broken.json" }`],
      ["more than 10 levels deep", `{ $include: "deep0.json" }`],
    ],
    async ([message, text]) => {
      await writeFile(join(directory, "outside.json"), "{}");
      await symlink(join(directory, "outside.json"), join(directory, "state", "link.json"));
      const deep = Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [`deep${index}.json`, `{ $include: "deep${index + 1}.json" }`]),
      );
      await expect(
        resolved({
          "coderclaw.json": text,
          "loop.json": `{ a: { $include: "loop2.json" } }`,
          "loop2.json": `{ $include: "loop.json" }`,
          "broken.json": `{`,
          "a.json": `{}`,
          ...deep,
        }),
      ).rejects.toThrow(message);
    },
  );
});

describe("findIncludeOf", () => {
  const providerPath = ["models", "providers", "vllm"];

  verifies.each(
    "agent/coderclaw/include-doubles-models",
    [
      [`{ $include: "all.json" }`, "all.json"],
      [`{ models: { $include: "models.json", mode: "merge" } }`, "models.json"],
      [`{ models: { providers: { vllm: { $include: "vllm.json", apiKey: "k" } } } }`, "vllm.json"],
      [`{ models: { providers: { $include: "other.json" } } }`, undefined],
      [`{ channels: { $include: "models.json" } }`, undefined],
      [`{}`, undefined],
    ],
    async ([text, expected]) => {
      await write({
        "coderclaw.json": text,
        "all.json": `{ models: { providers: { vllm: { models: [] } } } }`,
        "models.json": `{ providers: { vllm: { models: [] } } }`,
        "vllm.json": `{ models: [] }`,
        "other.json": `{ openai: {} }`,
      });
      const found = await findIncludeOf((await readConfigFile(root)).value, providerPath, root);
      expect(found).toBe(expected === undefined ? undefined : join(directory, "state", expected));
    },
  );
});
