/** `node after-build.ts PACKAGE SCRIPT [arguments]`: builds a package and what it needs, then runs one of its scripts. Help needs no build. */
import path from "node:path";
import { repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";

const [name, script, ...rest] = process.argv.slice(2);
if (name === undefined || script === undefined) {
  console.error("Usage: node tooling/scripts/src/after-build.ts PACKAGE SCRIPT [arguments]");
  process.exit(2);
}
const wantsHelp = rest.some((argument) => argument === "--help" || argument === "-h");
const turbo = path.join(repositoryRoot, "node_modules/.bin/turbo");
const build = ["run", "build", `--filter=${name}`, "--output-logs=errors-only"];
const built = wantsHelp ? { code: 0 } : await run(turbo, build, { show: true });
if (built.code !== 0) process.exit(built.code);
const { code } = await run("pnpm", ["--filter", name, script, ...rest], { show: true });
process.exitCode = code;
