/**
 * `pnpm test:live [--vllm VERSION] [--record] [vitest's arguments]`: starts a real vLLM (`tooling/vllm-lab`), runs the live suite and the
 * demo against it, stops it. `--record` writes the outcome into the data of `docs/compatibility.md`.
 */
import { LabError, startLab, VLLM_VERSIONS, type VllmVersion } from "@vllm-tooling/vllm-lab";
import path from "node:path";
import { parseArgs } from "node:util";
import { recordLiveRun } from "./record-live-run.ts";
import { repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";
import { showHelp } from "./show-help.ts";

showHelp(`pnpm test:live [arguments of vitest]

Starts a real vLLM on this machine, runs the live tests and the demo against it, and stops it. About five minutes.
Arguments narrow the tests down: a part of a file's name, or -t and a part of a test's name.`);

const { values, tokens } = parseArgs({
  options: { vllm: { type: "string" }, record: { type: "boolean", default: false } },
  strict: false,
  tokens: true,
  allowPositionals: true,
});
const isOwn = (token: (typeof tokens)[number]) =>
  token.kind === "option" && (token.name === "vllm" || token.name === "record");
const own = new Set(
  tokens
    .filter(isOwn)
    .flatMap((token) => [
      token.index,
      ...("inlineValue" in token && token.inlineValue === false ? [token.index + 1] : []),
    ]),
);
const forVitest = process.argv.slice(2).filter((_, index) => !own.has(index));
const vllmVersion = values.vllm as VllmVersion | undefined;
if (vllmVersion !== undefined && !VLLM_VERSIONS.includes(vllmVersion)) {
  console.error(`--vllm is one of ${VLLM_VERSIONS.join(", ")}.`);
  process.exit(2);
}

let shown: string | undefined;
const lab = await startLab({
  vllmVersion,
  onProgress({ step }) {
    if (step !== shown) console.log(step);
    shown = step;
  },
}).catch((error: unknown) => {
  if (!(error instanceof LabError)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  process.exit(1);
});
try {
  const env = { VLLM_LIVE_BASE_URL: lab.baseUrl };
  const outcome = path.join(repositoryRoot, "node_modules/.cache/live-run.json");
  const reporters =
    values.record === true ? ["--reporter=default", "--reporter=json", `--outputFile.json=${outcome}`] : [];
  const suite = await run(
    path.join(repositoryRoot, "node_modules/.bin/vitest"),
    ["run", "--config", "vitest.live.config.ts", ...reporters, ...forVitest],
    { env, show: true },
  );
  if (values.record === true) recordLiveRun(outcome, vllmVersion);
  const demo = await run(
    process.execPath,
    ["--conditions=@vllm/source", "apps/example-agent/src/main.ts", "demo", "--base-url", lab.baseUrl],
    { show: true },
  );
  process.exitCode = suite.code !== 0 || demo.code !== 0 ? 1 : 0;
} finally {
  await lab.stop();
}
