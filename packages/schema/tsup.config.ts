import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: { index: "src/index.ts", core: "src/core.ts", internal: "src/internal.ts" },
  platform: "neutral",
});
