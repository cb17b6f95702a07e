import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `pnpm test:host`: a real OpenClaw from the npm registry (650 MB, Node 24.16) with the packed packages, and a real vLLM where the machine can run one. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/host/*.host.ts"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
