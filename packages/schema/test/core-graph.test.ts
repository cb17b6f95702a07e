import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const packageFolder = path.resolve(import.meta.dirname, "..");

/** Imports an entry in a fresh process and gives every module that was loaded for it. */
async function loadedBy(entry: string): Promise<string[]> {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(entry)});
    console.log(JSON.stringify(loaded));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@vllm/source", "--input-type=module", "--eval", program],
    { cwd: packageFolder },
  );
  return JSON.parse(stdout) as string[];
}

/** Names of the packages in node_modules among module urls. */
function packagesIn(urls: readonly string[]): string[] {
  const names = urls
    .map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(names)].toSorted();
}

describe("what importing an entry loads", () => {
  test("@vllm/schema/core: neither zod nor json5", async () => {
    const urls = await loadedBy("@vllm/schema/core");
    expect(packagesIn(urls)).toEqual([]);
    expect(urls.filter((url) => url.startsWith("node:"))).toEqual([]);
  });

  test("@vllm/schema: both, so that the test above can fail", async () => {
    expect(packagesIn(await loadedBy("@vllm/schema"))).toEqual(["json5", "zod"]);
  });
});

test("no source file needs a platform: no node: imports, no process, no Buffer", async () => {
  const urls = await loadedBy("@vllm/schema");
  const own = urls.filter((url) => url.startsWith(pathToFileURL(path.join(packageFolder, "src")).href));
  expect(own.length).toBeGreaterThan(30);
  for (const url of own) {
    const code = readFileSync(new URL(url), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|`[^`]*`|"[^"]*"/g, "");
    expect(`${url} ${/\b(?:process|Buffer|__dirname)\b|\brequire\(/.exec(code)?.[0] ?? "is free"}`).toBe(
      `${url} is free`,
    );
  }
});
