import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvents, runCommand, startCommand } from "./support/run-command.ts";

/** A real vLLM with `tooling/vllm-lab`'s replies: `pnpm test:live` starts it. */
const baseUrl = process.env["VLLM_LIVE_BASE_URL"] ?? "";
const metricsUrl = baseUrl.replace(/\/v1\/?$/, "/metrics");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "live-"));
  await writeFile(path.join(folder, "README.md"), "# The little project\n\nIt reads logs.\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function countRunning(): Promise<number> {
  const metrics = await (await fetch(metricsUrl)).text();
  return Number(/^vllm:num_requests_running\{[^}]*\} ([\d.]+)$/m.exec(metrics)?.[1]);
}

describe.skipIf(baseUrl === "")("on a real vLLM", { timeout: 120_000 }, () => {
  test("demo shows the whole flow", async () => {
    const { code, stdout, stderr } = await runCommand(["demo", "--base-url", baseUrl]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/vLLM \d+\.\d+.* · ready/);
    expect(stdout).toMatch(/context window {2}[\d,]+ tokens +server: max_model_len/);
    expect(stdout).toContain("(thinking) ");
    expect(stdout).toContain('→ calculator {"expression": "17 * 23"}');
    expect(stdout).toContain("← calculator: 391");
    expect(stdout).toContain("17 * 23 = 391");
    expect(stdout).toMatch(/Usage {5}.* in 2 requests\nSpeed {5}first token after .* tokens\/s\n$/);
  });

  test("demo --json", async () => {
    const { code, stdout } = await runCommand(["demo", "--json", "--base-url", baseUrl]);
    expect(code).toBe(0);
    expect(readEvents(stdout).at(-1)).toMatchObject({ type: "turn_end", isComplete: true, usage: { requests: 2 } });
  });

  test("agent searches and reads the folder", async () => {
    const { code, stdout, stderr } = await runCommand(["agent", "--base-url", baseUrl, "Find and read the README"], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stderr).toContain("← search_files: README.md");
    expect(stdout).toContain("# The little project");
  });

  test("agent summarises what is piped in", async () => {
    const { code, stdout } = await runCommand(["agent", "--base-url", baseUrl, "summarise"], { input: "a text\n" });
    expect(code).toBe(0);
    expect(stdout.trim()).not.toBe("");
  });

  test("a conversation, and a model that loops", async () => {
    const input = "Hello\nWhat is 6 * 7?\n/usage\n";
    const talk = await runCommand(["agent", "--base-url", baseUrl], { input });
    expect(talk.code).toBe(0);
    const loop = await runCommand(["agent", "--base-url", baseUrl, "Loop forever"]);
    expect(loop.code).toBe(1);
    expect(loop.stderr).toContain("3 times in a row");
    expect(loop.stderr).toContain("✗ There is no answer: the model repeats the same tool call");
  });

  test("a wrong model: the ids that exist", async () => {
    const { code, stderr } = await runCommand(["demo", "--base-url", baseUrl, "--model", "no-such-model"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The model "no-such-model" is not served here\. Served: \S+/);
  });

  test("Ctrl-C stops the generation on the server", async () => {
    const command = startCommand(["agent", "--base-url", baseUrl, "very long answer"]);
    await command.until("small robot");
    command.child.kill("SIGINT");
    expect(await command.ended).toMatchObject({ code: 130, stderr: expect.stringContaining("Stopped.") });
    await expect.poll(countRunning, { timeout: 10_000 }).toBe(0);
  });
});
