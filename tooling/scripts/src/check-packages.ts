/**
 * Checks what people will install: packs every package, lints the tarball (publint, Are the types wrong?), installs all tarballs
 * into an empty project, imports every entry with plain Node, and compiles a consumer with `skipLibCheck: false`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { brokenMaps } from "./broken-maps.ts";
import { unusualLicences } from "./licences.ts";
import { listTypeChecks } from "./check-types.ts";
import { packPackage } from "./pack-package.ts";
import type { PublishedPackage } from "./repository.ts";
import { publishedPackages, repositoryRoot } from "./repository.ts";
import { run } from "./run.ts";
import { showHelp } from "./show-help.ts";

showHelp(`pnpm check:packages

Packs every published package, lints the tarballs and their types, installs them into an empty project and compiles a consumer.`);

const bin = (name: string) => path.join(repositoryRoot, "node_modules/.bin", name);
const ownBin = (name: string) => path.join(import.meta.dirname, "../node_modules/.bin", name);
const scratch = mkdtempSync(path.join(tmpdir(), "vllm-packages-"));
const problems: string[] = [];

try {
  const packages = publishedPackages();
  const tarballs = new Map<PublishedPackage, string>();
  for (const pkg of packages) {
    const tarball = await packPackage(pkg, scratch);
    tarballs.set(pkg, tarball);
    await checkManifest(pkg.manifest.name, tarball);
    await Promise.all([
      check(`${pkg.manifest.name}: publint`, ownBin("publint"), ["--strict", tarball]),
      check(`${pkg.manifest.name}: types`, ownBin("attw"), ["--profile", "esm-only", tarball]),
    ]);
  }
  await checkConsumer(packages, [...tarballs.values()]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "Every package is fit to be published." : `${problems.length} problem(s).`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function check(name: string, command: string, parameters: readonly string[], directory?: string): Promise<void> {
  const result = await run(command, parameters, directory === undefined ? {} : { directory });
  if (result.code === 0) console.log(`ok    ${name}`);
  else problems.push(`FAIL  ${name}\n${result.output}`);
}

/** CoderClaw's installer looks up devDependencies too, and some of ours are private. */
async function checkManifest(name: string, tarball: string): Promise<void> {
  const { output } = await run("tar", ["-xOf", tarball, "package/package.json"]);
  if ("devDependencies" in JSON.parse(output))
    problems.push(`FAIL  ${name}: devDependencies are published. .pnpmfile.mjs removes them when a package is packed.`);
  else console.log(`ok    ${name}: manifest`);
}

async function checkConsumer(packages: readonly PublishedPackage[], tarballs: readonly string[]): Promise<void> {
  const consumer = path.join(scratch, "consumer");
  mkdirSync(consumer);
  writeFileSync(
    path.join(consumer, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  // Every entry is imported, those for an optional peer too.
  const peers = packages.flatMap(({ manifest }) =>
    Object.entries(manifest.peerDependencies ?? {}).map(([name, range]) => `${name}@${range}`),
  );
  const install = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  await check("install the tarballs with npm", "npm", [...install, ...tarballs, ...new Set(peers)], consumer);
  const unusual = unusualLicences(consumer);
  if (unusual.length > 0) problems.push(`FAIL  licences: look at those of ${unusual.join(", ")}`);
  else console.log("ok    licences of everything that is installed");
  const entries = packages.flatMap(({ manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === "object")
      .map(([key]) => manifest.name + key.slice(1)),
  );
  await checkMaps(packages, consumer);
  const nodeTypes = path.join(import.meta.dirname, "../node_modules/@types/node");
  await check("install Node's types", "npm", [...install, nodeTypes], consumer);
  // All but these must compile where Node's types are not installed.
  const portable = entries.filter((entry) => !/^@vllm\/(?:bridge(?!\/fetch)|coderclaw-adapter)/.test(entry));
  writeConsumer(consumer, "everything", entries, ["node"]);
  writeConsumer(consumer, "portable", portable, []);
  const version = process.versions.node;
  await check(`import ${entries.length} entries with Node ${version}`, process.execPath, ["everything.ts"], consumer);
  const requiring = entries.map((entry) => `require(${JSON.stringify(entry)});`).join("\n");
  const evaluate = ["--input-type=commonjs", "--eval", requiring];
  await check(`require ${entries.length} entries with Node ${version}`, process.execPath, evaluate, consumer);
  for (const name of ["everything", "portable"]) {
    await check(`compile a consumer (skipLibCheck: false): ${name}`, bin("tsc"), ["-p", `${name}.json`], consumer);
  }
  const typeChecks = (await listTypeChecks(consumer, portable)).values();
  const compile = async () => {
    for (const { name, command, parameters } of typeChecks)
      await check(`compile programs (skipLibCheck: false): ${name}`, command, parameters, consumer);
  };
  // TypeScript up to 6 has one thread.
  await Promise.all(Array.from({ length: availableParallelism() }, compile));
  for (const { manifest } of packages) {
    for (const name of Object.keys(manifest.bin ?? {})) {
      await check(
        `${name} --help`,
        process.execPath,
        [path.join(consumer, "node_modules/.bin", name), "--help"],
        consumer,
      );
    }
  }
}

/** A stack of what is installed names our sources, and every map has their text. */
async function checkMaps(packages: readonly PublishedPackage[], consumer: string): Promise<void> {
  const broken = packages.flatMap(({ manifest: { name } }) =>
    brokenMaps(path.join(consumer, "node_modules", name)).map((problem) => `${name}: ${problem}`),
  );
  const program =
    'import { createVllmClient } from "@vllm/client"; try { createVllmClient(1); } catch (error) { console.log(error.stack); }';
  const { output } = await run(process.execPath, ["--enable-source-maps", "--input-type=module", "--eval", program], {
    directory: consumer,
  });
  if (!output.includes(path.join("src", "options", "check-options.ts")))
    broken.push(`a stack names no source:\n${output}`);
  if (broken.length === 0) console.log("ok    maps lead to the sources");
  else problems.push(`FAIL  maps\n${broken.join("\n")}`);
}

function writeConsumer(folder: string, name: string, entries: readonly string[], types: readonly string[]): void {
  const lines = entries.flatMap((entry, index) => [
    `import * as entry${index} from ${JSON.stringify(entry)};`,
    `if (Object.keys(entry${index}).length === 0) throw new Error(${JSON.stringify(`${entry} exports nothing`)});`,
  ]);
  writeFileSync(path.join(folder, `${name}.ts`), lines.join("\n"));
  writeFileSync(
    path.join(folder, `${name}.json`),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023", "dom", "dom.iterable"],
        module: "nodenext",
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types,
      },
      include: [`${name}.ts`],
    }),
  );
}
