/**
 * Checks "runs on any JS runtime": installs the tarballs of the portable packages into an empty project, runs `runtimes/flow.mjs` there
 * on Node, Bun, Deno, Cloudflare's workerd and, where it is installed, Chromium, against the fake server, and compares what comes out. Deno gets the permission to use the
 * network, and no other.
 */
import { startFakeVllm, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { installPackages } from "@vllm-tooling/install";
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { packPackage } from "./pack-package.ts";
import { publishedPackages, repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";
import { showHelp } from "./show-help.ts";
import { chromium, findChromium } from "./runtimes/chromium.ts";
import { startFallsSilent } from "./runtimes/falls-silent.ts";
import { program, type Runtime } from "./runtimes/runtime.ts";
import { workerd } from "./runtimes/workerd.ts";
import { writeRegion } from "./write-region.ts";

const PORTABLE = new Set(
  ["schema", "transport", "discovery", "client", "bridge", "ai-sdk-provider"].map((name) => `@vllm/${name}`),
);
const API_KEY = "k-runtimes";
/** Answers that one run of the flow does not read to their end. */
const LEFT_ANSWERS = 4;

const VERSIONS = {
  bun: "1.4.5",
  deno: "2.9.6",
  node: "22.23.3",
  workerd: "1.20261117.1",
  esbuild: "0.28.2",
};

/** Beside the other Node, which has the same name. */
const NODE_26 = "26.10.0";

/** What the table says of a runtime, and the answers of the flow that show it. */
const FEATURES = {
  streaming: ["chat", "forEach", "didBreak", "whole"],
  abort: ["stopped"],
  errors: ["unknownModel", "wrongKey", "nothingThere", "silent"],
  tools: ["run"],
} as const;

showHelp(`pnpm check:runtimes

Runs the packed portable packages on Node 22 and 24, Bun, Deno, workerd and an installed Chromium. Installs the runtimes once (550 MB).`);

const folder = await installPackages("runtimes", VERSIONS);
const node26 = await installPackages("node-26", { node: NODE_26 });
const bin = (name: string) => path.join(folder, "node_modules/.bin", name);
/** All that workerd reports of a connection that is refused, reset or no HTTP is that it was lost. */
const lostConnection = (closedUrl: string) => ({
  nothingThere: {
    code: "SERVER_UNREACHABLE",
    message: `No answer came from ${closedUrl}/chat/completions.`,
    hint: "Check that the server is running and that the address is right.",
  },
  nothingFound: ["SERVER_UNREACHABLE"],
});
/** A page does not learn why a request failed: it may be a server that lets no page in. */
const unknownToPages = (closedUrl: string) => ({
  nothingThere: {
    code: "SERVER_UNREACHABLE",
    message: `No answer came from ${closedUrl}/chat/completions; a browser does not tell why.`,
    hint: `Check that the server is running. vLLM 0.32 lets no web page in unless it is started with --allowed-origins '["https://your-page.example"]'.`,
  },
  nothingFound: ["SERVER_UNREACHABLE"],
});
const browser = findChromium();
const runtimes: readonly (readonly [name: string, runtime: Runtime, differences?: (closedUrl: string) => object])[] = [
  [`Node ${process.versions.node}`, program(process.execPath)],
  [`Node ${VERSIONS.node}`, program(bin("node"))],
  [`Node ${NODE_26}`, program(path.join(node26, "node_modules/.bin/node"))],
  [`Bun ${VERSIONS.bun}`, program(bin("bun"))],
  [`Deno ${VERSIONS.deno}`, program(bin("deno"), "run", "--no-prompt", "--allow-net")],
  [`workerd ${VERSIONS.workerd}`, workerd(bin, "no_nodejs_compat"), lostConnection],
  [`workerd ${VERSIONS.workerd} with nodejs_compat`, workerd(bin, "nodejs_compat"), lostConnection],
  ...(browser === undefined ? [] : [["Chromium", chromium(browser, bin), unknownToPages] as const]),
];

const scratch = mkdtempSync(path.join(tmpdir(), "vllm-runtimes-"));
try {
  const project = await createProject();
  await using server = await startFakeVllm({ apiKey: API_KEY, chunkDelayMs: 2 });
  await using fallsSilent = await startFallsSilent();
  const settings = {
    baseUrl: server.baseUrl,
    apiKey: API_KEY,
    closedUrl: await closedUrl(),
    fallsSilentUrl: fallsSilent.baseUrl,
  };
  writeFileSync(path.join(project, "settings.json"), JSON.stringify(settings));
  const rows: string[] = [];
  let first: unknown;
  for (const [name, runtime, differences] of runtimes) {
    const seen = server.requests.length;
    const start = performance.now();
    const answers = await runtime(project).catch((error: unknown) => {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
    first ??= answers[0];
    const expected = { ...(first as object), ...differences?.(settings.closedUrl) };
    rows.push(toRow(name, answers, expected));
    for (const answer of answers)
      assert.deepEqual(answer, expected, `${name} gives other answers than ${runtimes[0]?.[0]}`);
    await checkStopped(server, seen, name, answers.length);
    console.log(`ok    ${name}  ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  checkTable(rows);
  if (browser === undefined) console.log("skip  Chromium is not installed (apt-get install chromium)");
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function toRow(name: string, answers: readonly unknown[], expected: object): string {
  const cells = Object.values(FEATURES).map((parts) => {
    const of = (answer: unknown) => parts.map((part) => (answer as Record<string, unknown>)[part]);
    return answers.every((answer) => isDeepStrictEqual(of(answer), of(expected))) ? "✓" : "✗";
  });
  return `| ${toShortName(name)} | ${cells.join(" | ")} |`;
}

/** Without the numbers that change with each release of a runtime: that is no change of the README. */
function toShortName(name: string): string {
  return name.replace(/^(workerd) [\d.]+/, "$1").replace(/^(Node \d+|\w+ \d+\.\d+)[\d.]*/, "$1");
}

/** The READMEs say what was seen here. */
function checkTable(rows: readonly string[]): void {
  const features = Object.keys(FEATURES);
  const table = [`| | ${features.join(" | ")} |`, `| --- |${" --- |".repeat(features.length)}`, ...rows].join("\n");
  console.log(table);
  if (browser === undefined) return;
  const readme = path.join(repositoryRoot, "packages/client/README.md");
  const isSame = writeRegion(readme, "runtimes", table, process.argv.includes("--write"));
  assert.ok(isSame, "packages/client/README.md has another table of runtimes: run pnpm check:runtimes --write");
}

async function createProject(): Promise<string> {
  const project = path.join(scratch, "project");
  mkdirSync(project);
  cpSync(path.join(import.meta.dirname, "../runtimes"), project, { recursive: true });
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const packages = publishedPackages().filter(({ manifest }) => PORTABLE.has(manifest.name));
  const tarballs = await Promise.all(packages.map((pkg) => packPackage(pkg, scratch)));
  const installed = await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], {
    directory: project,
  });
  if (installed.code !== 0) throw new Error(`Cannot install the tarballs:\n${installed.output}`);
  return project;
}

/** The address of a server that has stopped. */
async function closedUrl(): Promise<string> {
  const stopped = await startFakeVllm();
  await stopped.close();
  return stopped.baseUrl;
}

/** Leaving the loop, an abort and a body that is cancelled must have reached the server: nothing is left running there. */
async function checkStopped(server: FakeVllm, seen: number, name: string, runs: number): Promise<void> {
  await server.waitUntilIdle();
  const left = server.requests.slice(seen).filter((request) => request.aborted);
  assert.equal(
    left.length,
    LEFT_ANSWERS * runs,
    `${name}: ${LEFT_ANSWERS * runs} answers are left or aborted, the server saw ${left.length}`,
  );
}
