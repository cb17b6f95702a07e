import { libraryBuild } from "@vllm-tooling/build";

// ky is a devDependency, which tsup builds in, as a chunk of its own: loaded as the 30 files it is published as, it costs a first look 10 ms.
export default libraryBuild({
  entry: { index: "src/index.ts", "file-store": "src/file-store.ts", internal: "src/internal.ts" },
  platform: "neutral",
});
