import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { begin } from "./support/answers.ts";
import { expectWholeFlow } from "./support/expect-whole-flow.ts";
import { readEvents, runCommand, startCommand } from "./support/run-command.ts";

// Each test starts a process, which takes seconds on a busy machine.
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "demo-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeConfig(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

describe.concurrent("demo", () => {
  test("with nothing set: why there is no discovery, then the embedded server", async () => {
    const { code, stdout, stderr } = await runCommand(["demo"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expectWholeFlow(stdout);
    expect(stdout).toContain("Discovery is off because VLLM_API_KEY is not set");
    expect(stdout).toContain("recorded bytes of a real vLLM");
  });

  test("on a discovered server, with a key that is never shown", async () => {
    await using server = await startFakeVllm({ apiKey: "the-key" });
    const env = { VLLM_BASE_URL: server.serverRoot, VLLM_API_KEY: "the-key" };
    const { code, stdout, stderr } = await runCommand(["demo"], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expectWholeFlow(stdout);
    expect(stdout).not.toMatch(/recorded bytes|the-key/);
  });

  test("--json: one event a line, nothing else", async () => {
    await using server = await startFakeVllm();
    const { code, stdout, stderr } = await runCommand(["demo", "--json", "--base-url", server.baseUrl]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const events = readEvents(stdout);
    const types = new Set(events.map(({ type }) => type));
    for (const type of ["provider", "server", "model", "model_chosen", "question", "thinking_delta", "text_delta"]) {
      expect(types).toContain(type);
    }
    expect(events.filter(({ type }) => type === "tool_result")).toMatchObject([
      { name: "clock", isError: false },
      { name: "calculator", output: "391", isError: false },
    ]);
    const text = events.filter(({ type }) => type === "text_delta").map(({ delta }) => delta);
    expect(text.length).toBeGreaterThan(5);
    expect(text.join("")).toContain("17 * 23 = 391");
    expect(events.at(-1)).toMatchObject({ type: "turn_end", isComplete: true, usage: { requests: 2 } });
  });

  test("an explicit provider: its own models, the primary one, and no request to /v1/models", async () => {
    await using server = await startFakeVllm();
    const config = await writeConfig(
      "explicit.json5",
      `{
        // as a person writes it
        models: { providers: { vllm: {
          baseUrl: "${server.baseUrl}", apiKey: "\${LAB_KEY}",
          models: [{ id: "other", name: "Other" }, { id: "lab/tiny", name: "Tiny", contextWindow: 16384 }],
        } } },
        agents: { defaults: { model: { primary: "vllm/lab/tiny" } } },
      }`,
    );
    const { code, stdout } = await runCommand(["demo", "--config", config], { env: { LAB_KEY: "k" } });
    expect(code).toBe(0);
    expect(stdout).toContain("context window  16,384 tokens   user: contextWindow in the config");
    expect(stdout).toContain("Model     lab/tiny (agents.defaults.model.primary of the config)");
    expect(stdout).toContain("17 * 23 = 391");
    expect(new Set(server.requests.map((request) => request.path))).toEqual(new Set(["/v1/chat/completions"]));
  });

  test("a named server that is down: says so, exit code 1, no embedded server", async () => {
    const server = await startFakeVllm();
    await server.close();
    const { code, stdout, stderr } = await runCommand(["demo", "--base-url", server.baseUrl]);
    expect(code).toBe(1);
    expect(stderr).toContain(`✗ Nothing listens at 127.0.0.1:${server.port}`);
    expect(stderr.split("\n").filter((line) => line.startsWith("✗"))).toHaveLength(1);
    expect(stdout).not.toContain("recorded bytes");
  });

  test("a wrong key: one clear sentence, exit code 1, and the key nowhere", async () => {
    await using server = await startFakeVllm({ apiKey: "right" });
    const command = ["demo", "--json", "--base-url", server.baseUrl];
    const { code, stdout, stderr } = await runCommand(command, { env: { VLLM_API_KEY: "wrong-secret" } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✗ The server at \S+ refused the API key \(401\)\.\n/);
    expect(readEvents(stdout).at(-1)).toMatchObject({ type: "error", code: "AUTHENTICATION_FAILED" });
    expect(stdout + stderr).not.toContain("wrong-secret");
  });

  test("all problems of a config at once: received, accepted, where; exit code 2, nothing is written", async () => {
    const text = `{
  models: { providers: { vllm: {
    baseUrl: 8000,
    api: "opnai-completions",
    apiKey: "\${NOT_SET}",
    models: [{ name: "N", contextWindow: -5, colour: "red" }],
  } } },
}`;
    const config = await writeConfig("broken.json5", text);
    const before = await readdir(folder);
    const { code, stdout, stderr } = await runCommand(["demo", "--config", config]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const places = ["3:", "vllm.baseUrl", "vllm.api", "NOT_SET", "models[0].id", "models[0].contextWindow", "colour"];
    for (const place of places) expect(stderr).toContain(place);
    expect(stderr).toContain('"opnai-completions"');
    expect(await readFile(config, "utf8")).toBe(text);
    expect(before).toContain("broken.json5");
    expect((await readdir(folder)).filter((name) => name.startsWith("broken"))).toEqual(["broken.json5"]);
  });

  test("wrong usage: exit code 2, and what was meant", async () => {
    const { code, stdout, stderr } = await runCommand(["demo", "--base-ulr", "x"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Did you mean --base-url?");
  });

  test("--help is no mistake", async () => {
    const { code, stdout, stderr } = await runCommand(["demo", "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("VLLM_BASE_URL");
  });

  test("the server dies in the middle of an answer: it is incomplete, and why; exit code 1", async () => {
    await using server = await startFakeVllm();
    const stream = begin("The time is");
    server.play(stream);
    const command = startCommand(["demo", "--base-url", server.baseUrl]);
    await command.until("The time is");
    stream.reset();
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✗ The answer is incomplete: .+\n {2}.+\n$/);
  });

  test("Ctrl-C stops the generation on the server and ends cleanly: exit code 130", async () => {
    await using server = await startFakeVllm();
    const stream = begin("The time is");
    server.play(stream);
    const command = startCommand(["demo", "--base-url", server.baseUrl]);
    await command.until("The time is");
    command.child.kill("SIGINT");
    expect(await stream.closed).toBe("client-left");
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toMatch(/The time is\nStopped\.\n$/);
    expect(server.activeRequests).toBe(0);
  });
});
