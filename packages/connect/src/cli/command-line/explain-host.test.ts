import { afterEach, beforeEach, expect, test } from "vitest";
import type { CliHome } from "../../../test/cli-harness.ts";
import { createCliHome } from "../../../test/cli-harness.ts";

let cli: CliHome;
beforeEach(async () => {
  cli = await createCliHome();
});
afterEach(() => cli.remove());

test.each([
  ["setup --host gpu1", "--host is not an option of setup.", "--base-url http://gpu1:8000. The agent: --agent"],
  ["doctor --host=10.0.0.7", "--host is not an option of doctor.", "--base-url http://10.0.0.7:8000."],
  ["models --host http://gpu1:8000", "--host is not an option of models.", "--base-url <url>."],
  ["doctor --host", "--host is not an option of doctor.", "--base-url <url>."],
  ["sync --host gpu1", "--host is not an option of sync.", "vllm-connect setup --base-url <url> changes it."],
  ["bridge --host 0.0.0.0", "--host is not an option of bridge.", "--listen 0.0.0.0. The address of vLLM: --upstream"],
  ["bridge --host openclaw", "--host is not an option of bridge.", "--listen <address>."],
  ["--host gpu1 setup", "--host is not an option.", "Type a command first. The address of the server: --base-url"],
])("%s names the option that takes what was meant", async (line, message, hint) => {
  const { code, stdout, stderr } = await cli.run(line.split(" "));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.split("\n")[0]).toBe(`✖ ${message}`);
  expect(stderr).toContain(hint);
});

test.each(["where --host openclaw", "where --host=openclaw", "where --json --host openclaw"])(
  "%s: the old name of --agent, in front of an agent",
  async (line) => {
    const words = line.split(" ");
    const asked = await cli.run(words);
    const named = await cli.run(words.map((word) => word.replace("--host", "--agent")));
    expect(asked).toMatchObject({ code: named.code, stdout: named.stdout, stderr: named.stderr });
    expect(asked.stdout).toContain("openclaw");
  },
);

test("with --json the advice is the hint of one document", async () => {
  const { code, json } = await cli.run(["setup", "--host", "gpu1", "--json"]);
  expect([code, json()]).toEqual([
    2,
    {
      command: "setup",
      ok: false,
      error: {
        code: "CONFIG_INVALID",
        message: "--host is not an option of setup.",
        hint: "The address of the server: --base-url http://gpu1:8000. The agent: --agent coderclaw or --agent openclaw.",
      },
    },
  ]);
});

test("a bridge stands between any agent and vLLM: it takes none", async () => {
  const { code, stderr } = await cli.run(["bridge", "--agent", "openclaw"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("Unknown option '--agent'")]);
});
