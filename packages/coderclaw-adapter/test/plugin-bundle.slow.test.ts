import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import config from "../tsup.plugin.config.ts";
import { writePluginFolder } from "../src/plugin/plugin-folder.ts";

const source = (name: string): string => fileURLToPath(new URL(`../src/plugin/${name}.ts`, import.meta.url));

let directory: string;
let built: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "adapter-bundle-"));
  built = join(directory, "built");
  const entry = { index: source("index"), "take-over": source("take-over") };
  await build({ ...(config as object), entry, outDir: built, silent: true, config: false });
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the plugin as the agents load it", () => {
  verifies("agent/coderclaw/plugin-bundle", async () => {
    const names = (await readdir(built)).filter((name) => name.endsWith(".js"));
    expect(names).toEqual(expect.arrayContaining(["index.js", "take-over.js"]));
    const texts = await Promise.all(names.map((name) => readFile(join(built, name), "utf8")));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/(?:^|[;}\s])(?:import|export)[^"'`;]*?["']([^"']+)["']|\bimport\(["']([^"']+)["']\)/g)].map(
        ([, fixed, dynamic]) => fixed ?? dynamic ?? "",
      ),
    );
    expect(imported).toEqual(expect.arrayContaining(["node:path"]));
    const foreign = imported.filter(
      (name) => !name.startsWith("./") && !builtinModules.includes(name.replace(/^node:/, "")),
    );
    expect(foreign).toEqual([]);
  });

  verifies.each(
    ["agent/coderclaw/plugin-manifest", "agent/coderclaw/plugin-register"],
    ["coderclaw", "openclaw"] as const,
    async (agent) => {
      const target = join(directory, agent, "extensions", "coderclaw-adapter");
      await writePluginFolder(target, { agent, takeOver: false }, built);
      const manifest = JSON.parse(await readFile(join(target, `${agent}.plugin.json`), "utf8"));
      const { name, [agent]: settings } = JSON.parse(await readFile(join(target, "package.json"), "utf8"));
      expect([manifest.id, name, settings.extensions]).toEqual([
        "coderclaw-adapter",
        "coderclaw-adapter",
        ["./index.js"],
      ]);
      const script = `
        const { default: plugin } = await import(${JSON.stringify(join(target, "index.js"))});
        const seen = [];
        const api = { registerProvider: ({ id }) => { seen.push(id); }, on: (hook) => { seen.push(hook); } };
        if (${agent === "openclaw"}) api.registerModelCatalogProvider = () => {};
        const returned = plugin.register(api);
        console.log(JSON.stringify([typeof returned, ...seen]));`;
      const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: directory,
        encoding: "utf8",
      });
      const expected = agent === "coderclaw" ? ["vllm", "before_model_resolve"] : ["vllm-plus"];
      expect(JSON.parse(said)).toEqual(["undefined", ...expected]);
    },
  );

  test("an older plugin is replaced whole, and nothing else is left in the folder of plugins", async () => {
    const extensions = join(directory, "again", "extensions");
    const target = join(extensions, "coderclaw-adapter");
    await mkdir(target, { recursive: true });
    await writeFile(join(target, "old.js"), "");
    await writePluginFolder(target, { agent: "coderclaw", takeOver: false }, built);
    await expect(stat(join(target, "old.js"))).rejects.toThrow("ENOENT");
    expect(await readdir(extensions)).toEqual(["coderclaw-adapter"]);
    expect(await readdir(join(directory, "again"))).toEqual(["extensions"]);
  });

  test("a plugin that cannot be written leaves the one before it, and nothing half done", async () => {
    const extensions = join(directory, "failing", "extensions");
    const target = join(extensions, "coderclaw-adapter");
    await mkdir(target, { recursive: true });
    await writeFile(join(target, "mine.js"), "");
    const missing = writePluginFolder(target, { agent: "coderclaw", takeOver: false }, join(directory, "nowhere"));
    await expect(missing).rejects.toThrow("ENOENT");
    expect(await readdir(target)).toEqual(["mine.js"]);
    expect(await readdir(join(directory, "failing"))).toEqual(["extensions"]);
  });
});
