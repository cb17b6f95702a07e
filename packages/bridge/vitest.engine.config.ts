import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `pnpm test:engine`: CoderClaw's engine and the AI SDK from the npm registry, direct and through the bridge; on a real vLLM where the machine can run one. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/engine/*.engine.ts"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
