import { defineConfig } from "vitest/config";

const conditions = ["@vllm/source", "module", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{packages,apps,tooling}/*/{src,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.live.test.ts", "**/*.slow.test.ts"],
    // The user's own servers and keys must never leak into a test.
    env: { VLLM_API_KEY: "", VLLM_BASE_URL: "", VLLM_TRANSPORT: "" },
    setupFiles: ["tooling/contract/src/patient-limits.ts"],
    // What is waited for comes late on a busy machine; these limits end what hangs, and prove nothing else.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // Many tests wait for a limit to pass, so more of them run than there are cores; a worker keeps what it has imported.
    isolate: false,
    maxWorkers: 4,
    // Concurrent tests start a process each.
    maxConcurrency: 2,
  },
});
