import { createWriteStream } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { cacheFolder, exists, makeOnce } from "@vllm-tooling/install";
import { readSource } from "./read-source.ts";

/**
 * CoderClaw, installed and built in full in a copy in the user's cache folder (2 GB, once for each state of the checkout). The checkout
 * stays as it is. Three things are changed in the copy, because they cannot be installed from the npm registry:
 *
 * - the dependency `@seanhogg/ssmjs` is dropped: it is not published, and CoderClaw does without it (a memory layer);
 * - `libsignal`, a git dependency for WhatsApp, is a stub whose functions do not exist;
 * - the workspace is the package and its `ui` only: the bundled extensions have a peer that is not published any more. They are loaded
 *   all the same, but without dependencies of their own.
 *
 * @returns the folder of the built package.
 */
export async function buildCoderClaw(directory: string): Promise<string> {
  const source = await readSource(directory);
  const folder = cacheFolder(`coderclaw-${source.hash}`);
  await makeOnce(folder, {
    isUsable: () => exists(join(folder, "dist", "control-ui")),
    async make(building) {
      process.stderr.write(`Building CoderClaw of ${source.folder} (once, a minute or two) …\n`);
      for (const file of source.files) {
        await mkdir(dirname(join(building, file)), { recursive: true });
        await copyFile(join(source.folder, file), join(building, file));
      }
      const packageManager = await applyStubs(building);
      const log = join(dirname(folder), `coderclaw-${source.hash}.log`);
      const pnpm = (...words: string[]) => run("npx", ["--yes", packageManager, ...words], building, log);
      await pnpm("install", "--no-frozen-lockfile", "--ignore-scripts");
      await pnpm("run", "build");
      await pnpm("run", "ui:build");
    },
  });
  return folder;
}

const SIGNAL_STUB = {
  "package.json": JSON.stringify({ name: "libsignal", version: "0.0.0", type: "module", main: "index.js" }),
  "index.js": stubModule("SessionCipher", "SessionBuilder", "SessionRecord", "ProtocolAddress"),
  "src/curve.js": stubModule("generateKeyPair", "calculateSignature", "verifySignature", "calculateAgreement"),
  "src/crypto.js": stubModule("deriveSecrets", "decrypt", "encrypt", "calculateMAC"),
};

function stubModule(...names: string[]): string {
  return `export const ${names.map((name) => `${name} = undefined`).join(", ")};\n`;
}

interface Manifest {
  packageManager: string;
  dependencies: Record<string, string>;
  pnpm: { overrides: Record<string, string> };
}

/** @returns the package manager that CoderClaw names, as npx takes it. */
async function applyStubs(folder: string): Promise<string> {
  const manifestPath = join(folder, "package.json");
  const manifest = JSON.parse(await readFile(manifestPath, "utf8")) as Manifest;
  delete manifest.dependencies["@seanhogg/ssmjs"];
  manifest.pnpm.overrides["libsignal"] = "link:./stubs/libsignal";
  await writeFile(manifestPath, JSON.stringify(manifest, null, 2));
  await writeFile(join(folder, "pnpm-workspace.yaml"), "packages:\n  - .\n  - ui\n");
  for (const [name, text] of Object.entries(SIGNAL_STUB)) {
    const path = join(folder, "stubs", "libsignal", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return manifest.packageManager;
}

function run(command: string, words: readonly string[], cwd: string, logPath: string): Promise<void> {
  const log = createWriteStream(logPath, { flags: "a" });
  const env = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    // The canvas bundle's sources are not in the repository.
    CODERCLAW_A2UI_SKIP_MISSING: "1",
    // What the test runner sets turns off parts of a build.
    NODE_ENV: "",
    VITEST: "",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once("error", reject);
    child.once("close", (code) => {
      log.end();
      if (code === 0) resolve();
      else reject(new Error(`\`${command} ${words.join(" ")}\` failed. Its output is in ${logPath}.`));
    });
  });
}
