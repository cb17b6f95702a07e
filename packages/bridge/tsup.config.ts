import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: { index: "src/index.ts", fetch: "src/fetch/index.ts", internal: "src/internal.ts" },
  platform: "node",
});
