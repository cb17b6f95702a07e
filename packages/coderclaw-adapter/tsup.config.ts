import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: { index: "src/index.ts", "bridge/index": "src/bridge/index.ts", "cli/main": "src/cli/main.ts" },
  platform: "node",
});
