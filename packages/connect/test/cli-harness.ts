import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
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
  /** Where a file of this home is. */
  path(...parts: string[]): string;
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  /** Runs `vllm-connect` in this home, without a terminal. */
  run(words: readonly string[], env?: Readonly<Record<string, string>>, more?: Partial<Terminal>): Promise<CliRun>;
  remove(): Promise<void>;
}

/** An empty home directory and the command in it. */
export async function createCliHome(): Promise<CliHome> {
  const home = await mkdtemp(join(tmpdir(), "adapter-cli-"));
  const path = (...parts: string[]): string => join(home, ...parts);
  return {
    home,
    path,
    async write(name, text) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
    },
    read: (name) => readFile(path(name), "utf8"),
    async run(words, env = {}, more = {}) {
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
