/** `pnpm test:coderclaw --source DIR`: everything in this folder, or the files that are named. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const USAGE = "Usage: pnpm test:coderclaw --source DIR [file…] (a checkout of https://github.com/SeanHogg/coderClaw)\n";
const { values, positionals } = parseArgs({
  options: { source: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
  allowPositionals: true,
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (values.source === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
// pnpm runs scripts in the package's folder
const source = resolve(process.env["INIT_CWD"] ?? "", values.source);
const { status } = spawnSync("vitest", ["run", "--config", "vitest.coderclaw.config.ts", ...positionals], {
  stdio: "inherit",
  env: { ...process.env, CODERCLAW_SOURCE: source },
});
process.exitCode = status ?? 1;
