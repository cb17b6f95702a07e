import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The suite of `pnpm test:live`: everything that can ask a real vLLM (`VLLM_LIVE_BASE_URL`), one file at a time. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["{packages,apps,tooling}/*/{src,test}/**/*.live.test.ts", "{packages,apps}/*/test/contract/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
