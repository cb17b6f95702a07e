import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The suite of `pnpm test:slow`: tests that start many processes or wait for real time, one file at a time. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["{packages,apps,tooling}/*/{src,test}/**/*.slow.test.ts"],
    exclude: ["**/node_modules/**"],
    setupFiles: [],
    fileParallelism: false,
    testTimeout: 180_000,
  },
});
