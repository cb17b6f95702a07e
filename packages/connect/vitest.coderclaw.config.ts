import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `pnpm test:coderclaw --source DIR`: a checked-out CoderClaw, built in full, with the adapter; and a real vLLM where the machine can run one. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/coderclaw/*.coderclaw.ts"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 600_000,
  },
});
