import { libraryBuild } from "@vllm-tooling/build";

/**
 * What needs zod is in chunks of its own, which the main entry only hands on: a bundler then leaves zod out where a program uses nothing
 * of it.
 */
const WITH_ZOD = [
  "config/host-config",
  "config/parse-host-config",
  "model/model-profile-schema",
  "wire/chat",
  "wire/models",
  "wire/tokenize",
];

export default libraryBuild({
  entry: {
    index: "src/index.ts",
    core: "src/core.ts",
    internal: "src/internal.ts",
    ...Object.fromEntries(WITH_ZOD.map((name) => [name, `src/${name}.ts`])),
  },
  platform: "neutral",
});
