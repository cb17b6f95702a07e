import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/**
 * `pnpm test:frameworks`: the programs of docs/frameworks.md with the frameworks from the npm registry, and the AI SDK on models that see
 * and that embed; on a real vLLM where the machine can run one.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["packages/*/test/**/*.frameworks.ts"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
