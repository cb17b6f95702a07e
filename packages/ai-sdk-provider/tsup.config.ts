import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({ entry: { index: "src/index.ts" }, platform: "neutral" });
