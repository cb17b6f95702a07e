/**
 * `node in-turn.ts SCRIPT [arguments]`: what a script of the root consists of, one command after the other, until one fails; the last one gets
 * the arguments. A chain in package.json cannot answer `--help`: all but its last command would run.
 */
import { spawnSync } from "node:child_process";
import { repositoryRoot } from "./repository.ts";
import { showHelp } from "./show-help.ts";

const CHAINS: Readonly<Record<string, { about: string; commands: readonly string[] }>> = {
  lint: {
    about: "Looks for faults in the code, its format, its dependencies' versions, and for what nothing uses.",
    commands: ["turbo run lint --output-logs=errors-only", "oxfmt --check", "sherif", "knip --no-config-hints"],
  },
  check: {
    about: "Everything that needs no other program: build, types, tests, lint, packages, API, sizes, runtimes.",
    commands: [
      "turbo run build typecheck --output-logs=errors-only",
      "turbo run test --concurrency=1 --output-logs=errors-only",
      "pnpm lint",
      "pnpm check:packages",
      "pnpm check:api",
      "pnpm check:sizes",
      "pnpm check:runtimes",
    ],
  },
  "version-packages": {
    about: "Turns the changesets into versions and changelogs.",
    commands: ["changeset version", "node tooling/scripts/src/write-version.ts", "oxfmt"],
  },
  release: {
    about: "Builds the packages and publishes those whose version is new.",
    commands: ["node tooling/scripts/src/write-repository.ts", "turbo run build", "changeset publish"],
  },
};

const [name = "", ...rest] = process.argv.slice(2);
const chain = CHAINS[name];
if (chain === undefined) {
  console.error(`Usage: node tooling/scripts/src/in-turn.ts ${Object.keys(CHAINS).join(" | ")} [arguments]`);
  process.exit(2);
}
const { about, commands } = chain;
showHelp([`pnpm ${name}`, "", about, ...commands.map((command) => `  ${command}`)].join("\n"));
for (const [index, command] of commands.entries()) {
  const [program = "", ...words] = command.split(" ");
  const more = index === commands.length - 1 ? rest : [];
  const { status } = spawnSync(program, [...words, ...more], { cwd: repositoryRoot, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
