import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({ entry: { "cli/main": "src/cli/main.ts" }, platform: "node" });
