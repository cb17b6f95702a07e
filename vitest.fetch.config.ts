import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The suite of `pnpm test:fetch`: the contract suite with our own HTTP switched off, so that switching it off stays safe. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["packages/*/test/contract/**/*.test.ts"],
    env: { ...base.test?.env, VLLM_TRANSPORT: "fetch" },
  },
});
