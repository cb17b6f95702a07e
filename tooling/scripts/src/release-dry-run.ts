/**
 * Rehearses a release in a clone of the last commit: version, build, tests, publish to a registry on this machine; then installs each
 * package from there into an empty project, imports its entries, and runs the first program of its README. `--skip-tests` for those who
 * have just run them.
 */
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { readmeProgram } from "./release/readme-program.ts";
import { startRegistry, type Registry } from "./release/registry.ts";
import { publishedPackages, repositoryRoot, type PublishedPackage } from "./repository.ts";
import { run, type RunResult } from "./run.ts";
import { showHelp } from "./show-help.ts";

showHelp(`pnpm release:dry-run [--skip-tests]

Does what a release does, up to publishing.`);

const { values } = parseArgs({ options: { "skip-tests": { type: "boolean", default: false } } });
const scratch = mkdtempSync(path.join(tmpdir(), "vllm-release-"));
const clone = path.join(scratch, "repository");
const pnpm = (...parameters: string[]): [string, string[]] => ["npx", ["--yes", "pnpm@12", ...parameters]];

try {
  await step("clone", "git", ["clone", "--quiet", "--no-hardlinks", repositoryRoot, clone], repositoryRoot);
  await step("install", ...pnpm("install", "--frozen-lockfile", "--prefer-offline"));
  await step("version", ...pnpm("version-packages"));
  const packages = publishedPackages(clone);
  for (const { manifest } of packages) console.log(`      ${manifest.name} ${manifest.version}`);
  await step("repository", process.execPath, ["tooling/scripts/src/write-repository.ts", "example/rehearsal"]);
  await step("build", ...pnpm("build"));
  if (!values["skip-tests"]) await step("test", ...pnpm("test"));
  await using registry = await startRegistry(path.join(scratch, "registry"));
  const publish = pnpm("publish", "--recursive", "--no-git-checks", "--registry", registry.url);
  await step("publish", ...publish, clone, registry.env);
  await using server = await startFakeVllm({ scenario: "hello" });
  for (const pkg of packages) await tryPackage(pkg, registry, server.baseUrl);
  await tryCommand(packages, registry);
  console.log("The release would work.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Runs a command to its end and prints a line about it. */
async function step(
  name: string,
  command: string,
  parameters: readonly string[],
  directory = clone,
  env: Record<string, string> = {},
): Promise<RunResult> {
  const start = performance.now();
  const result = await run(command, parameters, { directory, env });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  if (result.code !== 0) throw new Error(`FAIL  ${name} (exit code ${result.code})\n${result.output.slice(-8000)}`);
  console.log(`ok    ${name}  ${seconds} s`);
  return result;
}

async function tryPackage(pkg: PublishedPackage, registry: Registry, serverUrl: string): Promise<void> {
  const { name, version, exports, peerDependencies = {} } = pkg.manifest;
  const project = path.join(scratch, "projects", path.basename(pkg.directory));
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const install = ["install", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${version}`];
  await step(`${name}: npm install`, "npm", install, project, registry.env);
  // An entry may need an optional peer; the README's program must not.
  const peers = Object.entries(peerDependencies).map(([peer, range]) => `${peer}@${range}`);
  const program = readmeProgram(pkg, serverUrl);
  if (program !== undefined) {
    // A program that serves has done its part once it has started.
    const ending = "setTimeout(() => process.exit(), 3000).unref();";
    writeFileSync(path.join(project, "readme.ts"), `${program}\n${ending}\n`);
    const env = { VLLM_BASE_URL: serverUrl };
    await step(`${name}: the README's first program`, process.execPath, ["readme.ts"], project, env);
  }
  if (peers.length > 0)
    await step(`${name}: npm install peers`, "npm", [...install.slice(0, -1), ...peers], project, registry.env);
  const entries = Object.entries(exports).flatMap(([key, target]) =>
    typeof target === "object" ? [`await import("${name}${key.slice(1)}");`] : [],
  );
  writeFileSync(path.join(project, "entries.ts"), entries.join("\n"));
  await step(`${name}: ${entries.length} entries`, process.execPath, ["entries.ts"], project);
}

async function tryCommand(packages: readonly PublishedPackage[], registry: Registry): Promise<void> {
  const version = packages.find(({ manifest }) => manifest.name === "@vllm/connect")?.manifest.version ?? "missing";
  const directory = path.join(scratch, "projects");
  const { output } = await step(
    "npx @vllm/connect --version",
    "npx",
    ["--yes", "@vllm/connect", "--version"],
    directory,
    registry.env,
  );
  if (!output.includes(version)) throw new Error(`vllm-connect --version prints ${output.trim()}, not ${version}.`);
  const changelog = readFileSync(path.join(clone, "packages/connect/CHANGELOG.md"), "utf8");
  if (!changelog.includes(`## ${version}`)) throw new Error(`CHANGELOG.md of @vllm/connect has no section ${version}.`);
}
