import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `pnpm test:fleet`: two real vLLM servers behind real routers (nginx; vllm-router where `VLLM_ROUTER` names its program). */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/fleet/*.fleet.ts"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
