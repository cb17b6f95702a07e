import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { runCli } from "../run-cli.ts";

async function help(words: readonly string[], columns: number, ownCommand?: string): Promise<string> {
  const stdout = Object.assign(new PassThrough(), { columns });
  let shown = "";
  stdout.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const code = await runCli(words, { env: {}, homeDirectory: "/nowhere", stdin, stdout, stderr, signal, ownCommand });
  expect(code).toBe(0);
  return shown;
}

const OWN = ["vllm-connect", "npx @vllm/connect", "npx --yes pnpm@12 vllm-connect"];
const COMMANDS = ["setup", "sync", "undo", "init-plugin", "doctor", "models", "where", "bridge"];

describe.each([80, 60])("in a terminal of %i columns", (columns) => {
  test.each(OWN)("the first screen of %s has no line that the terminal would break", async (own) => {
    const shown = await help(["--help"], columns, own);
    for (const line of shown.split("\n")) expect(line.length, line).toBeLessThanOrEqual(columns);
  });

  test.each(COMMANDS)("%s is one line of the list, and its own help fits", async (command) => {
    const list = await help(["--help"], columns);
    expect(list.match(new RegExp(`^  ${command} .*[^,]$`, "gm"))).toHaveLength(1);
    const own = await help([command, "--help"], columns);
    for (const line of own.split("\n")) expect(line.length, line).toBeLessThanOrEqual(columns);
  });
});

test("an example that does not fit goes on in the next line, as a shell reads it", async () => {
  const shown = await help(["--help"], 60, "npx @vllm/connect");
  expect(shown).toContain(
    "  npx @vllm/connect setup --yes \\\n    --base-url http://gpu1:8000 --model Qwen/Qwen3-8B\n",
  );
});

test("the first screen shows the groups in the order of use", async () => {
  const shown = await help(["--help"], 80);
  const groups = [...shown.matchAll(/^[A-Z].*:$/gm)].map(([line]) => line);
  expect(groups).toEqual([
    "Run an agent:",
    "Set up an agent:",
    "Find out what is wrong:",
    "Between agent and server:",
    "Examples:",
  ]);
});
