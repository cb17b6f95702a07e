/** `pnpm test:live`: starts a real vLLM (`tooling/vllm-lab`), runs the live suite and the demo against it, stops it. */
import { LabError, startLab } from "@vllm-tooling/vllm-lab";
import path from "node:path";
import { repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";

let shown: string | undefined;
const lab = await startLab({
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
  const suite = await run(
    path.join(repositoryRoot, "node_modules/.bin/vitest"),
    ["run", "--config", "vitest.live.config.ts", ...process.argv.slice(2)],
    { env, show: true },
  );
  const demo = await run(
    process.execPath,
    ["--conditions=@vllm/source", "apps/example-agent/src/main.ts", "demo", "--base-url", lab.baseUrl],
    { show: true },
  );
  process.exitCode = suite.code !== 0 || demo.code !== 0 ? 1 : 0;
} finally {
  await lab.stop();
}
