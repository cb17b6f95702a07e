import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { findLabPaths, toShortHash } from "./lab-paths.ts";

describe("findLabPaths", () => {
  it("is the same for every clone: nothing of this folder's place is in it", async () => {
    const paths = await findLabPaths("0.32.0", "/cache");
    expect(paths.environmentFolder).toMatch(/^\/cache\/environments\/vllm-0\.32\.0-python-3\.11-[0-9a-f]{10}$/);
    expect(paths.python).toBe(`${paths.environmentFolder}/bin/python`);
    expect(paths.vllm).toBe(`${paths.environmentFolder}/bin/vllm`);
    expect(paths.servingFolder).toMatch(/^\/cache\/models\/[0-9a-f]{10}$/);
    expect(await findLabPaths("0.32.0", "/cache")).toEqual(paths);
  });

  it("keeps vLLM versions apart, and shares the models", async () => {
    const [newer, older] = await Promise.all([findLabPaths("0.32.0", "/cache"), findLabPaths("0.28.0", "/cache")]);
    expect(newer.environmentFolder).not.toBe(older.environmentFolder);
    expect(newer.servingFolder).toBe(older.servingFolder);
  });

  it.skipIf(process.platform !== "linux")("is in the user's cache folder", async () => {
    // A process of its own: `env-paths` reads the variable when it is loaded.
    const script = `import { findLabPaths } from ${JSON.stringify(new URL("lab-paths.ts", import.meta.url).href)};
      console.log((await findLabPaths("0.32.0")).cacheFolder);`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
      env: { ...process.env, XDG_CACHE_HOME: "/somewhere/cache" },
    });
    expect(stdout.trim()).toBe("/somewhere/cache/vllm-lab");
  });
});

describe("toShortHash", () => {
  it("changes with every part", () => {
    const hashes = [["a"], ["b"], ["a", ""], ["", "a"], ["a", "b"], ["ab"]].map((parts) => toShortHash(...parts));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
