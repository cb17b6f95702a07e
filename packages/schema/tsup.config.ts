import { libraryBuild } from "@vllm-tooling/build";

/**
 * Files of their own, which the entries only hand on: a bundler leaves out what a program does not use, zod above all, but not the
 * constants of a file of which it uses one function.
 */
const APART = [
  "config/host-config",
  "config/normalize-base-url",
  "config/parse-host-config",
  "model/model-profile-schema",
  "model/model-ref",
  "wire/chat",
  "wire/models",
  "wire/tokenize",
];

export default libraryBuild({
  entry: {
    index: "src/index.ts",
    core: "src/core.ts",
    internal: "src/internal.ts",
    "internal-page": "src/internal-page.ts",
    "internal-refusal": "src/internal-refusal.ts",
    ...Object.fromEntries(APART.map((name) => [name, `src/${name}.ts`])),
  },
  platform: "neutral",
});
