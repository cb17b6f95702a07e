import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { installPackages } from "./install-packages.ts";

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "install-packages-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** A package of a folder: installing it asks no registry. */
async function createPackage(version: string): Promise<string> {
  const folder = join(cache, `source-${version}`);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "from-a-folder", version }));
  return `file:${folder}`;
}

describe.skipIf(process.platform !== "linux")("installPackages", () => {
  it("installs once, and again for other versions", async () => {
    const first = { "from-a-folder": await createPackage("1.0.0") };
    const folder = await installPackages("peers", first);
    const installed = JSON.parse(
      await readFile(join(folder, "node_modules/from-a-folder/package.json"), "utf8"),
    ) as unknown;
    expect(installed).toEqual({ name: "from-a-folder", version: "1.0.0" });

    await writeFile(join(folder, "node_modules/mark"), "");
    expect(await installPackages("peers", first)).toBe(folder);
    expect(await readdir(join(folder, "node_modules"))).toContain("mark");

    const other = await installPackages("peers", { "from-a-folder": await createPackage("2.0.0") });
    expect(other).not.toBe(folder);
  });

  it("leaves nothing behind when npm fails", async () => {
    await expect(installPackages("peers", { "from-a-folder": `file:${cache}/missing.tgz` })).rejects.toThrow(
      "npm install",
    );
    const left = await readdir(join(cache, "vllm-typescript"));
    expect(left.filter((name) => !name.endsWith(".lock"))).toEqual([]);
  });
});
