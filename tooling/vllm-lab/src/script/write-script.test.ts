import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { writeScript } from "./write-script.ts";

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "write-script-"))));
afterEach(() => rm(root, { recursive: true }));

const HELLO = [{ when: "hello", say: "Hello — 東京 🌞" }];

it("writes what the logits processor reads, and makes the folder", async () => {
  const path = await writeScript(join(root, "scripts"), HELLO);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(HELLO);
});

it("shares a file between equal scripts, also when they are written at once", async () => {
  const paths = await Promise.all([1, 2, 3].map(() => writeScript(root, HELLO)));
  expect(await readdir(root)).toEqual([basename(paths[0] ?? "")]);
});

it("keeps different ones apart", async () => {
  const paths = [await writeScript(root, HELLO), await writeScript(root, [{ when: "hello", say: null }])];
  expect((await readdir(root)).toSorted()).toEqual(paths.map((path) => basename(path)).toSorted());
});
