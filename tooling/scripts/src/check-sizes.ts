/**
 * Measures what `@vllm/client` and `@vllm/schema` cost: on the disk of who installs the packed tarballs, and in a page of a browser.
 * Fails above a budget, and when the figures of the READMEs are others; `--write` writes those.
 */
import { build } from "esbuild";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { packPackage } from "./pack-package.ts";
import { publishedPackages, repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";
import { showHelp } from "./show-help.ts";
import { writeRegion } from "./write-region.ts";

showHelp(`pnpm check:sizes [--write]

Measures what an install and a page cost, against budgets and the figures of the READMEs; --write writes those. Build first: pnpm build.`);

/** As `du` counts. */
const MB = 1024 * 1024;
/** In bytes; those of pages after gzip. */
const BUDGETS = {
  "install of `@vllm/client`, with zod": 12 * MB,
  "install of `@vllm/client`, without zod": 2 * MB,
  "page: `createVllmClient`, first chunk": 32_000,
  "page: the same with an answer": 57_000,
  "page: the same with every error and every option": 77_000,
  "page: two functions of `@vllm/schema` that need no zod": 3_000,
} as const;

const scratch = mkdtempSync(path.join(tmpdir(), "vllm-sizes-"));
try {
  const project = await install();
  const modules = path.join(project, "node_modules");
  const installed = bytesOf(modules);
  const chat = await bundle(project, "chat");
  const schema = await bundle(project, "schema");
  const measured: Record<keyof typeof BUDGETS, number> = {
    "install of `@vllm/client`, with zod": installed,
    "install of `@vllm/client`, without zod": installed - bytesOf(path.join(modules, "zod")),
    "page: `createVllmClient`, first chunk": chat.first,
    "page: the same with an answer": chat.withAnswer,
    "page: the same with every error and every option": chat.everything,
    "page: two functions of `@vllm/schema` that need no zod": schema.everything,
  };
  report(measured);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function report(measured: Record<keyof typeof BUDGETS, number>): void {
  const rows = Object.entries(BUDGETS).map(([name, budget]) => {
    const bytes = measured[name as keyof typeof BUDGETS];
    const isFine = bytes <= budget;
    console.log(`${isFine ? "ok  " : "FAIL"}  ${name}: ${bytes} bytes of ${budget}`);
    if (!isFine) process.exitCode = 1;
    return `| ${name} | ${format(bytes)} |`;
  });
  const table = ["| | size |", "| --- | --- |", ...rows].join("\n");
  const readme = path.join(repositoryRoot, "packages/client/README.md");
  if (!writeRegion(readme, "sizes", table, process.argv.includes("--write"))) {
    console.error(`FAIL  ${readme} has other sizes: run pnpm check:sizes --write`);
    process.exitCode = 1;
  }
}

/** Rounded, so that not every change of the code is one of the README. */
function format(bytes: number): string {
  return bytes >= MB ? `${(Math.ceil((bytes / MB) * 10) / 10).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB gzip`;
}

async function install(): Promise<string> {
  const project = path.join(scratch, "project");
  mkdirSync(project);
  cpSync(path.join(import.meta.dirname, "../sizes"), project, { recursive: true });
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const wanted = new Set(["@vllm/schema", "@vllm/transport", "@vllm/client"]);
  const packages = publishedPackages().filter(({ manifest }) => wanted.has(manifest.name));
  const tarballs = await Promise.all(packages.map((pkg) => packPackage(pkg, scratch)));
  const { code, output } = await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], {
    directory: project,
  });
  if (code !== 0) throw new Error(`Cannot install the tarballs:\n${output}`);
  return project;
}

interface PageSizes {
  /** What must be there before the program can begin. */
  first: number;
  /** And what the first chat loads. */
  withAnswer: number;
  everything: number;
}

/** As a bundler for a page makes it: minified, in chunks. */
async function bundle(project: string, program: string): Promise<PageSizes> {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${program}.mjs`],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    external: ["node:*"],
    outdir: "out",
    metafile: true,
    write: false,
    absWorkingDir: project,
    logLevel: "error",
  });
  const sizes = new Map(
    outputFiles.map((file) => [path.relative(project, file.path), gzipSync(file.contents, { level: 9 }).length]),
  );
  const loadedBy = (...outputs: readonly string[]): Set<string> => {
    const loaded = new Set<string>(outputs);
    for (const output of loaded)
      for (const { path: next, kind } of metafile.outputs[output]?.imports ?? [])
        if (kind === "import-statement" && sizes.has(next)) loaded.add(next);
    return loaded;
  };
  const sum = (outputs: Iterable<string>) =>
    [...outputs].reduce((total, output) => total + (sizes.get(output) ?? 0), 0);
  const main = `out/${program}.js`;
  const chats = [...sizes.keys()].filter((output) => output.startsWith("out/chat-session-"));
  return {
    first: sum(loadedBy(main)),
    withAnswer: sum(loadedBy(main, ...chats)),
    everything: sum(sizes.keys()),
  };
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .reduce((sum, item) => sum + statSync(path.join(item.parentPath, item.name)).size, 0);
}
