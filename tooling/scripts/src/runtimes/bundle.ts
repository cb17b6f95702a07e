import { run } from "../run.ts";
import type { Bin } from "./runtime.ts";

/** Puts a program of the project into one file, `<name>.bundle.js`, for a runtime that knows these export conditions. */
export async function bundle(bin: Bin, project: string, name: string, conditions: string): Promise<string> {
  const outfile = `${name}.bundle.js`;
  const options = ["--bundle", "--format=esm", "--platform=neutral", "--main-fields=browser,module,main"];
  const target = [`--conditions=${conditions}`, "--external:node:*", `--outfile=${outfile}`];
  const { code, output } = await run(bin("esbuild"), [`${name}.mjs`, ...options, ...target], { directory: project });
  if (code !== 0) throw new Error(`the flow cannot be bundled:\n${output}`);
  return outfile;
}
