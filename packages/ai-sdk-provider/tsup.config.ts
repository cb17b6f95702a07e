import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: { index: "src/index.ts" },
  platform: "neutral",
  // The same, less the rules that a page loads when it needs them.
  replace: { "@vllm/schema/core": "@vllm/schema/internal/page" },
});
