/**
 * Checks "runs on any JS runtime": installs the tarballs of the portable packages into an empty project, runs `runtimes/flow.mjs` there
 * with Node, Bun and Deno against the fake server, and compares what they print. Deno gets the permission to use the network, and no other.
 */
import { startFakeVllm, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { installPackages } from "@vllm-tooling/install";
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packPackage } from "./pack-package.ts";
import { publishedPackages } from "./repository.ts";
import { run } from "./run.ts";

const PORTABLE = new Set(["@vllm/schema", "@vllm/discovery", "@vllm/client"]);
const API_KEY = "k-runtimes";

const VERSIONS = { bun: "1.4.5", deno: "2.9.6" };

const folder = await installPackages("runtimes", VERSIONS);
const bin = (name: string) => path.join(folder, "node_modules/.bin", name);
const runtimes: readonly (readonly [name: string, command: string, ...parameters: string[]])[] = [
  [`Node ${process.versions.node}`, process.execPath],
  [`Bun ${VERSIONS.bun}`, bin("bun")],
  [`Deno ${VERSIONS.deno}`, bin("deno"), "run", "--no-prompt", "--allow-net"],
];

const scratch = mkdtempSync(path.join(tmpdir(), "vllm-runtimes-"));
try {
  const project = await createProject();
  await using server = await startFakeVllm({ apiKey: API_KEY, chunkDelayMs: 2 });
  writeFileSync(
    path.join(project, "settings.json"),
    JSON.stringify({ baseUrl: server.baseUrl, apiKey: API_KEY, closedUrl: await closedUrl() }),
  );
  let expected: unknown;
  for (const [name, command, ...parameters] of runtimes) {
    const seen = server.requests.length;
    const { code, output } = await run(command, [...parameters, "flow.mjs"], { directory: project });
    if (code !== 0) throw new Error(`${name} ended with exit code ${code}:\n${output}`);
    const answer: unknown = JSON.parse(output);
    expected ??= answer;
    assert.deepEqual(answer, expected, `${name} gives other answers than ${runtimes[0]?.[0]}`);
    await checkStopped(server, seen, name);
    console.log(`ok    ${name}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
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

/** Leaving the loop must have reached the server: nothing is left running there, and one answer was not read to its end. */
async function checkStopped(server: FakeVllm, seen: number, name: string): Promise<void> {
  await server.waitUntilIdle();
  const left = server.requests.slice(seen).filter((request) => request.aborted);
  assert.equal(left.length, 1, `${name}: one answer is left by a break, the server saw ${left.length}`);
}
