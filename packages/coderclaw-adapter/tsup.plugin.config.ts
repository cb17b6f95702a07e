import { defineConfig } from "tsup";

/** What the agents load: each entry one file with everything in it, since an agent installs a plugin without its workspace. */
export default defineConfig({
  entry: { index: "src/plugin/index.ts", "take-over": "src/plugin/take-over.ts" },
  format: "esm",
  platform: "node",
  target: "node22",
  outDir: "dist/plugin",
  clean: true,
  splitting: true,
  sourcemap: false,
  dts: false,
  removeNodeProtocol: false,
  noExternal: [/.*/],
  esbuildOptions(options) {
    options.conditions = ["@vllm/source"];
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
});
