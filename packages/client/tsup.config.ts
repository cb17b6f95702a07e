import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: { index: "src/index.ts", openai: "src/openai.ts", run: "src/run.ts" },
  platform: "node",
});
