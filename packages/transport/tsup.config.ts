import { libraryBuild } from "@vllm-tooling/build";

const entry = { index: "src/index.ts", internal: "src/internal.ts" };

/** The second build is for runtimes that have `fetch` only: package.json names it for their conditions. */
export default [
  libraryBuild({ entry, platform: "node" }),
  libraryBuild({
    entry,
    platform: "neutral",
    outDir: "dist/portable",
    // The same source as the other build: whoever installs it for a page has no use for the maps twice.
    sourcemap: false,
    replace: { "./own-http.ts": "./own-http.portable.ts", "@vllm/schema/core": "@vllm/schema/internal/page" },
  }),
];
