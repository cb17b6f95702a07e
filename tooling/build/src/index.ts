import { defineConfig } from "tsup";

/**
 * How every published package is built: ESM, one file an entry plus shared chunks, nothing minified.
 * The types come from `tsc --emitDeclarationOnly` (TypeScript 7 has no API for tsup's own `dts`).
 */
export function libraryBuild(options: { entry: Record<string, string>; platform: "neutral" | "node" }) {
  return defineConfig({
    entry: options.entry,
    format: "esm",
    platform: options.platform,
    target: "node22",
    outDir: "dist",
    clean: true,
    splitting: true,
    sourcemap: true,
    dts: false,
  });
}
