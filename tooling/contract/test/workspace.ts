import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const workspaceRoot = fileURLToPath(new URL("../../../", import.meta.url));

export interface PackageManifest {
  name: string;
  version?: string;
  private?: boolean;
  sideEffects?: boolean;
  files?: string[];
  bin?: Record<string, string>;
  exports?: Record<string, unknown>;
  publishConfig?: { exports?: Record<string, unknown> };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface WorkspacePackage {
  /** From the root, for example `packages/client`. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

export interface SourceFile {
  readonly owner: WorkspacePackage;
  /** From the package's folder, for example `src/openclaw/stream.ts`. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

export function readPackages(): WorkspacePackage[] {
  return ["packages", "apps", "tooling"]
    .flatMap((group) => readdirSync(join(workspaceRoot, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(workspaceRoot, folder, "package.json")))
    .toSorted()
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(workspaceRoot, folder, "package.json"), "utf8")) as PackageManifest,
    }));
}

/** Folders of a package that hold code. */
const CODE = ["src", "test", "scripts", "runtimes"];

/** All code of a package, TypeScript and `.mjs`. Whatever only tests use counts as a test. */
export function readSources(owner: WorkspacePackage): SourceFile[] {
  return CODE.filter((folder) => existsSync(join(workspaceRoot, owner.folder, folder)))
    .flatMap((folder) =>
      readdirSync(join(workspaceRoot, owner.folder, folder), { recursive: true, encoding: "utf8" }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => /\.(?:ts|mjs)$/.test(path))
    .map((path) => ({
      owner,
      path,
      text: readFileSync(join(workspaceRoot, owner.folder, path), "utf8"),
      isTest: isTestPath(path),
    }));
}

function isTestPath(path: string): boolean {
  return path.startsWith("test/") || /\.test(?:-d)?\.ts$/.test(path);
}

/** Every module that a file names: static and dynamic imports, re-exports, types included. Not what a template fills in. */
export function importsOf(text: string): string[] {
  const pattern = /^\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s)?"([^"]+)"|\bimport\(\s*"([^"$]+)"\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

/** The modules among them that are loaded when the file is; types leave no trace. */
export function loadsOf(text: string): string[] {
  return importsOf(text.replaceAll(/^\s*(?:import|export)\stype\s[^"'`;]*?\sfrom\s"[^"]+"/gm, ""));
}

/** `@vllm/schema/core` belongs to the package `@vllm/schema`, `node:fs` to `node:fs`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

export function nameOf(file: SourceFile): string {
  return relative(workspaceRoot, join(workspaceRoot, file.owner.folder, file.path));
}
