import { run } from "../run.ts";
import type { Bin } from "./runtime.ts";

/** Puts a program of the project into one file, `<name>.bundle.js`, for a runtime that knows these export conditions. */
export async function bundle(bin: Bin, project: string, name: string, conditions: string): Promise<string> {
  const outfile = `${name}.bundle.js`;
  await build(bin, project, name, [`--conditions=${conditions}`, `--outfile=${outfile}`]);
  return outfile;
}

/** As a page loads it: in a folder of the program's name, what is needed later in files of its own. */
export async function bundleInChunks(bin: Bin, project: string, name: string): Promise<string> {
  const folder = `${name}.bundle`;
  await build(bin, project, name, ["--conditions=browser", "--splitting", `--outdir=${folder}`]);
  return folder;
}

async function build(bin: Bin, project: string, name: string, more: readonly string[]): Promise<void> {
  const options = ["--bundle", "--format=esm", "--platform=neutral", "--main-fields=browser,module,main"];
  const words = [`${name}.mjs`, ...options, "--external:node:*", ...more];
  const { code, output } = await run(bin("esbuild"), words, { directory: project });
  if (code !== 0) throw new Error(`the flow cannot be bundled:\n${output}`);
}
