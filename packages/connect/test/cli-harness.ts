import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { toUsedPath, writeUsedHome } from "@vllm-tooling/agent-homes";
import { runCli } from "../src/cli/run-cli.ts";
import type { Terminal } from "../src/cli/terminal/terminal.ts";

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
  /** The JSON document of `--json`. */
  json<Shape = Record<string, unknown>>(): Shape;
}

export interface CliHome {
  home: string;
  /** Where a file of this home is. What is named `.coderclaw/…` is CoderClaw's, wherever it is in a home of this kind. */
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  /** In a used home: this agent has used it, too. A command that names an agent needs no call. */
  use(agent: "openclaw"): Promise<void>;
  /** Every file with its text: what a command must not change. */
  files(): Promise<Record<string, string>>;
  /** Runs `vllm-connect` in this home, without a terminal. */
  run(words: readonly string[], env?: Readonly<Record<string, string>>, more?: Partial<Terminal>): Promise<CliRun>;
  remove(): Promise<void>;
}

/** A home directory and the command in it: an empty one, or one that CoderClaw, and any agent that a command names, has used. */
export async function createCliHome({ used }: { used: boolean } = { used: false }): Promise<CliHome> {
  const home = await mkdtemp(join(tmpdir(), "adapter-cli-"));
  const path = (name: string): string => join(home, used ? toUsedPath(name) : name);
  if (used) await writeUsedHome(home, "coderclaw");
  return {
    home,
    path,
    async write(name, text) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
    },
    read: (name) => readFile(path(name), "utf8"),
    async use(agent) {
      if (used) await writeUsedHome(home, agent);
    },
    async files() {
      const entries = await readdir(home, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await readFile(path, "utf8")])));
    },
    async run(words, env = {}, more = {}) {
      if (used && words[words.indexOf("--agent") + 1] === "openclaw") await writeUsedHome(home, "openclaw");
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const said = { stdout: "", stderr: "" };
      stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
      stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
      const terminal = { env: { HOME: home, PATH: "", ...env }, homeDirectory: home };
      const signal = new AbortController().signal;
      const code = await runCli(words, { ...terminal, stdin: new PassThrough(), stdout, stderr, signal, ...more });
      return { code, ...said, json: <Shape>() => JSON.parse(said.stdout) as Shape };
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
