import { createControlledStream } from "@vllm-tooling/fake-vllm";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../terminal.ts";
import { CTRL_C, DOWN, ENTER, openTerminal } from "../terminal.ts";
import type { LaunchHome } from "./launch-harness.ts";
import { CLI, createLaunchHome, isAlive } from "./launch-harness.ts";

const start = useFakeServers();
let home: LaunchHome;
beforeEach(async () => (home = await createLaunchHome(["qwen", "claude"])));
afterEach(() => home.remove());

describe("an agent that is launched", () => {
  test("asks through a bridge that requires this run's key, and its exit code is ours", async () => {
    const server = await start({ scenario: "hello-stream" });
    const run = home.launch(["qwen", "--base-url", server.baseUrl, "--", "ask", "exit=7"]);
    const { words, env, answer, files } = await run.started();
    const { code, stderr } = await run.ended;
    expect([code, answer]).toEqual([7, 200]);
    expect(words).toEqual(["--auth-type", "openai", "--model", server.model, "ask", "exit=7"]);
    const { OPENAI_BASE_URL: url, OPENAI_API_KEY: key } = env;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(url).not.toBe(server.baseUrl);
    expect(key).toMatch(/^[\da-f]{48}$/);
    expect(words.join(" ")).not.toContain(key);
    expect(JSON.parse(Object.values(files)[0] ?? "")).toMatchObject({
      model: { generationConfig: { contextWindowSize: 32_768 } },
    });
    expect(stderr).toMatch(/lab\/tiny · 1 request · [\d,]+ tokens in · \d+ out · /);
    expect(await home.leftovers()).toEqual([]);
  });

  test("gets vLLM's own address and key with --direct", async () => {
    const server = await start({ scenario: "hello-stream", apiKey: "sk-direct" });
    const words = ["qwen", "--direct", "--base-url", server.baseUrl, "--", "ask"];
    const run = home.launch(words, { VLLM_API_KEY: "sk-direct" });
    const { env, answer } = await run.started();
    expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
    expect(env).toMatchObject({ OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "sk-direct" });
    expect(answer).toBe(200);
  });

  test("keeps vLLM's key from the agent behind a bridge, save for the variable that was there", async () => {
    const server = await start({ scenario: "hello-stream", apiKey: "sk-upstream" });
    const run = home.launch(["qwen", "--base-url", server.baseUrl, "--", "ask"], { VLLM_API_KEY: "sk-upstream" });
    const { env, answer } = await run.started();
    await run.ended;
    expect(answer).toBe(200);
    expect(Object.entries(env).filter(([, value]) => value === "sk-upstream")).toEqual([
      ["VLLM_API_KEY", "sk-upstream"],
    ]);
  });

  test("does not get a vendor's key, and none of its variables", async () => {
    const server = await start();
    const run = home.launch(["claude", "--anyway", "--base-url", server.baseUrl, "--", "-p", "hi"], {
      ANTHROPIC_API_KEY: "sk-ant-secret",
      CLAUDE_CODE_USE_BEDROCK: "1",
    });
    const { env, words } = await run.started();
    await run.ended;
    expect(env).not.toHaveProperty("ANTHROPIC_API_KEY");
    expect(env).not.toHaveProperty("CLAUDE_CODE_USE_BEDROCK");
    expect(env["ANTHROPIC_DEFAULT_SONNET_MODEL"]).toBe(server.model);
    expect(words).toEqual([
      "--settings",
      expect.stringContaining("claude-settings.json"),
      "--model",
      server.model,
      "-p",
      "hi",
    ]);
  });

  test("reaches the bridge past a proxy of the environment", async () => {
    const server = await start();
    const proxies = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "intranet" };
    const run = home.launch(["qwen", "--base-url", server.baseUrl], proxies);
    expect((await run.started()).env).toMatchObject({
      NO_PROXY: "intranet,127.0.0.1,localhost",
      no_proxy: "intranet,127.0.0.1,localhost",
    });
    await run.ended;
  });

  test("leaves a smaller budget of the user's as it is", async () => {
    const server = await start();
    const run = home.launch(["qwen", "--base-url", server.baseUrl], { QWEN_CODE_MAX_OUTPUT_TOKENS: "1000" });
    expect((await run.started()).env["QWEN_CODE_MAX_OUTPUT_TOKENS"]).toBe("1000");
    await run.ended;
  });
});

describe("a window that is too small", () => {
  test("is told before the start, with the command that changes it", async () => {
    const server = await start({ config: "0.24.0/small" });
    const { code, stderr } = await home.launch(["claude", "--base-url", server.baseUrl]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Claude Code [\d.]+ sends about [\d,]+ tokens before your first word.*is 4,096/s);
    expect(stderr).toMatch(/vllm serve \S+.* --max-model-len 32768/);
  });

  test("the first real request corrects the figure for the next start", async () => {
    const server = await start({ scenario: "hello-stream" });
    await home.launch(["qwen", "--base-url", server.baseUrl, "--", "ask"]).ended;
    const sizes = JSON.parse(await readFile(join(home.home, "cache/vllm-connect/prompts.json"), "utf8")) as object;
    expect(Object.values(sizes)).toEqual([
      { tokens: expect.any(Number), agentVersion: "", tokenizer: expect.any(String) },
    ]);
  });
});

describe("nothing is left when it ends", () => {
  const HANG = ["--", "ask-streamed", "stay"];

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("by %s", async (signal, code) => {
    const stream = createControlledStream();
    const server = await start({ scenario: stream });
    const run = home.launch(["qwen", "--base-url", server.baseUrl, ...HANG]);
    const { pid } = await run.started();
    await stream.opened;
    run.process.kill(signal);
    expect(await run.ended).toMatchObject({ code });
    await server.waitUntilIdle();
    expect([isAlive(pid), isAlive(run.process.pid as number), await home.leftovers()]).toEqual([false, false, []]);
  });

  test("when the agent is killed", async () => {
    const stream = createControlledStream();
    const server = await start({ scenario: stream });
    const run = home.launch(["qwen", "--base-url", server.baseUrl, ...HANG]);
    const { pid, env } = await run.started();
    await stream.opened;
    process.kill(pid, "SIGKILL");
    expect(await run.ended).toMatchObject({ code: 137 });
    await server.waitUntilIdle();
    await expect(fetch(env["OPENAI_BASE_URL"] as string)).rejects.toThrow("fetch failed");
    expect(await home.leftovers()).toEqual([]);
  });

  test("killed itself: the next start removes what it left, and nothing of a run that goes on", async () => {
    const server = await start({ scenario: "hello-stream" });
    const killed = home.launch(["qwen", "--base-url", server.baseUrl, "--", "stay"]);
    const { pid } = await killed.started();
    killed.process.kill("SIGKILL");
    // The agent is left, too, and holds the pipes.
    process.kill(pid, "SIGKILL");
    await killed.ended;
    const [left] = await home.leftovers();
    expect(left).toMatch(new RegExp(`-${killed.process.pid}-`));
    await rm(home.report);
    const staying = home.launch(["qwen", "--base-url", server.baseUrl, "--", "stay"]);
    await staying.started();
    await home.launch(["qwen", "--base-url", server.baseUrl, "--", "ask"]).ended;
    expect(await home.leftovers()).toEqual([expect.stringMatching(new RegExp(`-${staying.process.pid}-`))]);
    staying.process.kill("SIGTERM");
    await staying.ended;
  });

  test("by Ctrl-C while it waits for the server", async () => {
    const server = await start({ fail: "stall-before-headers" });
    const run = home.launch(["qwen", "--base-url", server.baseUrl]);
    await expect.poll(() => server.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
    run.process.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130 });
    expect(await home.leftovers()).toEqual([]);
  });
});

describe("at a terminal", () => {
  const open = (words: readonly string[]): Person =>
    openTerminal(process.execPath, ["--conditions=@vllm/source", CLI, "launch", ...words], {
      cwd: home.home,
      env: home.env(),
    });

  test("without a name, the installed agents are offered", async () => {
    const server = await start();
    const person = open(["--base-url", server.baseUrl, "--", "exit=5"]);
    await person.see(/Which agent\?.*Claude Code.*Qwen Code/s);
    person.type(DOWN);
    person.type(ENTER);
    expect(await person.ended).toBe(5);
  });

  test("Ctrl-C is the agent's, and its answer to it counts", async () => {
    const server = await start();
    const person = open(["qwen", "--base-url", server.baseUrl, "--", "end-on-interrupt", "stay"]);
    await person.see(/the agent is here/);
    person.type(CTRL_C);
    await person.see(/0 requests/);
    expect(await person.ended).toBe(42);
    expect(await home.leftovers()).toEqual([]);
  });
});

test("a server that is loading is waited for", async () => {
  const port = await findFreePort();
  // Any program with the command line of `vllm serve`.
  await writeFile(join(home.home, "serve"), "setInterval(() => undefined, 60_000);");
  const loading = spawn(process.execPath, ["serve", "a/model", "--port", String(port)], {
    argv0: "vllm",
    cwd: home.home,
  });
  try {
    const run = home.launch(["qwen", "--base-url", `http://127.0.0.1:${port}`]);
    let said = "";
    run.process.stderr?.on("data", (data: Buffer) => (said += data.toString()));
    await expect.poll(() => said, { timeout: 20_000 }).toContain("vLLM loads its model …");
    await start({ port });
    await run.started();
    expect(await run.ended).toMatchObject({ code: 0 });
  } finally {
    loading.kill();
  }
});

describe("what cannot be started says why", () => {
  test.each([
    [["clude"], 2, /Did you mean claude/],
    [["codex"], 2, /Codex is not installed.*npm install -g @openai\/codex/s],
    [[], 2, /No agent was named.*launch claude/s],
    [["claude", "-p", "hi"], 2, /launch has no option -p.*launch claude -- -p/s],
  ])("%j", async (words, code, text) => {
    const run = await home.launch(words).ended;
    expect(run).toMatchObject({ code, stderr: expect.stringMatching(text) });
  });

  test("a server that is down: exit code 3", async () => {
    const server = await start({ fail: "refuse" });
    expect(await home.launch(["qwen", "--base-url", server.baseUrl]).ended).toMatchObject({ code: 3 });
  });

  test("a key that is missing or wrong", async () => {
    const server = await start({ apiKey: "right" });
    const missing = await home.launch(["qwen", "--base-url", server.baseUrl]).ended;
    expect(missing.stderr).toMatch(/requires an API key.*Set VLLM_API_KEY/s);
    const wrong = await home.launch(["qwen", "--base-url", server.baseUrl], { VLLM_API_KEY: "wrong" }).ended;
    expect(wrong.stderr).toMatch(/refuses the key in VLLM_API_KEY/);
  });
});
