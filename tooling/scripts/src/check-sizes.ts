/**
 * Measures what `@vllm/client`, `@vllm/schema` and `@vllm/ai-sdk-provider` cost: on the disk of who installs the packed tarballs, and in a page of a browser.
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
const PROVIDER = "@vllm/ai-sdk-provider";
const CLIENT = ["@vllm/schema", "@vllm/transport", "@vllm/client"];

interface Size {
  what: string;
  bytes: number;
  /** What it may be, in bytes; those of pages after gzip. */
  budget: number;
}

const scratch = mkdtempSync(path.join(tmpdir(), "vllm-sizes-"));
try {
  const packages = publishedPackages().filter(({ manifest }) => [...CLIENT, PROVIDER].includes(manifest.name));
  const tarballs = new Map(
    await Promise.all(packages.map(async (pkg) => [pkg.manifest.name, await packPackage(pkg, scratch)] as const)),
  );
  const client = await install("client", CLIENT, tarballs);
  const chat = await bundle(client, "chat");
  const schema = await bundle(client, "schema");
  report("client", [
    { what: "install of `@vllm/client`, with zod", bytes: installed(client), budget: 12 * MB },
    { what: "install of `@vllm/client`, without zod", bytes: installed(client) - zodIn(client), budget: 2 * MB },
    { what: "page: `createVllmClient`, first chunk", bytes: chat.first, budget: 32_000 },
    { what: "page: the same with an answer", bytes: chat.withAnswer, budget: 57_000 },
    { what: "page: the same with every error and every option", bytes: chat.everything, budget: 77_000 },
    { what: "page: two functions of `@vllm/schema` that need no zod", bytes: schema.everything, budget: 3000 },
  ]);
  const provider = await install("provider", [...CLIENT, PROVIDER], tarballs);
  const answer = await bundle(provider, "provider");
  report("ai-sdk-provider", [
    { what: "install, with zod", bytes: installed(provider), budget: 13 * MB },
    {
      what: "install, without zod, which `ai` brings",
      bytes: installed(provider) - zodIn(provider),
      budget: 3_300_000,
    },
    { what: "page: `createVllm` with an answer, without `ai`", bytes: answer.withAnswer, budget: 66_000 },
  ]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function report(folder: string, sizes: readonly Size[]): void {
  const rows = sizes.map(({ what, bytes, budget }) => {
    const isFine = bytes <= budget;
    console.log(`${isFine ? "ok  " : "FAIL"}  ${folder}: ${what}: ${bytes} bytes of ${budget}`);
    if (!isFine) process.exitCode = 1;
    return `| ${what} | ${format(bytes)} |`;
  });
  const table = ["| | size |", "| --- | --- |", ...rows].join("\n");
  const readme = path.join(repositoryRoot, "packages", folder, "README.md");
  if (!writeRegion(readme, "sizes", table, process.argv.includes("--write"))) {
    console.error(`FAIL  ${readme} has other sizes: run pnpm check:sizes --write`);
    process.exitCode = 1;
  }
}

function installed(project: string): number {
  return bytesOf(path.join(project, "node_modules"));
}

function zodIn(project: string): number {
  return bytesOf(path.join(project, "node_modules/zod"));
}

/** Rounded, so that not every change of the code is one of the README. */
function format(bytes: number): string {
  return bytes >= MB ? `${(Math.ceil((bytes / MB) * 10) / 10).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB gzip`;
}

/** An empty project with these packages of ours. */
async function install(
  name: string,
  packages: readonly string[],
  tarballs: ReadonlyMap<string, string>,
): Promise<string> {
  const project = path.join(scratch, `project-${name}`);
  mkdirSync(project);
  cpSync(path.join(import.meta.dirname, "../sizes"), project, { recursive: true });
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const files = packages.map((each) => tarballs.get(each) ?? "");
  const { code, output } = await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...files], {
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
