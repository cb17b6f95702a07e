import { join } from "node:path";
import { defineConfig, type Options } from "tsup";

export interface LibraryBuildOptions {
  entry: Record<string, string>;
  platform: "neutral" | "node";
  /** Default `dist`. */
  outDir?: string;
  /** Default true. */
  sourcemap?: boolean;
  /** Modules, as they are imported, and those that take their place: other files, or names that stay imports. */
  replace?: Readonly<Record<string, string>>;
}

/**
 * How every published package is built: ESM, one file an entry plus shared chunks, nothing minified.
 * The types come from `tsc --emitDeclarationOnly` (TypeScript 7 has no API for tsup's own `dts`).
 */
export function libraryBuild({
  entry,
  platform,
  outDir = "dist",
  sourcemap = true,
  replace = {},
}: LibraryBuildOptions) {
  return defineConfig({
    entry,
    format: "esm",
    platform,
    target: "node22",
    outDir,
    // Within outDir; a second build of the package runs side by side.
    clean: ["!portable/**"],
    splitting: true,
    sourcemap,
    dts: false,
    // tsup would leave them as they are, before the plugin is asked.
    noExternal: Object.keys(replace).filter((name) => !name.startsWith(".")),
    esbuildPlugins: [replaceModules(replace)],
  });
}

function replaceModules(replace: Readonly<Record<string, string>>): NonNullable<Options["esbuildPlugins"]>[number] {
  return {
    name: "replace-modules",
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, resolveDir }) => {
        const instead = replace[path];
        if (instead === undefined) return undefined;
        return instead.startsWith(".") ? { path: join(resolveDir, instead) } : { path: instead, external: true };
      });
    },
  };
}
