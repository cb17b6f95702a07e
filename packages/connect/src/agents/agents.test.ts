import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { discoverServer } from "@vllm/discovery";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentFacts, LaunchPlace } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import { codex } from "./codex.ts";
import { opencode } from "./opencode.ts";

const KEY = "key-of-this-run";
const start = useFakeServers();
let home: string;
let facts: AgentFacts;
let place: LaunchPlace;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "agents-"));
  const server = await start();
  const report = await discoverServer({ baseUrl: server.baseUrl, probe: "list" });
  facts = {
    baseUrl: "http://127.0.0.1:41234/v1",
    serverRoot: "http://127.0.0.1:41234",
    needsKey: true,
    modelId: server.model,
    window: 32_768,
    maxOutput: 8192,
    reasons: true,
    hasThinkingSwitch: true,
    takesImages: false,
  };
  place = { key: KEY, words: ["one", "two"], folder: join(home, "run"), env: { HOME: home }, home, report };
});
afterEach(() => rm(home, { recursive: true }));

describe.each(AGENTS.map((agent) => [agent.id, agent] as const))("%s", (_, agent) => {
  test("gets the key by its environment or a file, never by a word", async () => {
    const { words, env, files = {} } = await agent.plan(facts, place);
    expect(words.join(" ")).not.toContain(KEY);
    expect(JSON.stringify([env, files])).toContain(KEY);
  });

  test("gets address, model and window; the user's words come last", async () => {
    const { words, env, files = {} } = await agent.plan(facts, place);
    const all = JSON.stringify([words, env, files]);
    expect(all).toContain("127.0.0.1:41234");
    expect(all).toContain(facts.modelId);
    expect(all).toContain("32768");
    expect(words.slice(-2)).toEqual(["one", "two"]);
  });

  test("is told nothing of a window or a key that there is not", async () => {
    const plan = await agent.plan({ ...facts, needsKey: false, window: undefined }, { ...place, key: undefined });
    expect(JSON.stringify(plan)).not.toMatch(/undefined|NaN/);
    expect(agent.snippet({ ...facts, window: undefined }).text).not.toMatch(/undefined|NaN/);
  });

  test("writes its files into the folder of the run only", async () => {
    const { files = {} } = await agent.plan(facts, place);
    for (const name of Object.keys(files)) expect(name).toMatch(/^[\w.-]+$/);
  });

  test("a snippet names the variable of the key, where one is required", () => {
    const { text, run, goesTo } = agent.snippet(facts);
    expect(text).toContain("127.0.0.1:41234");
    expect([run, goesTo]).not.toContain("");
    // OpenClaw's and CoderClaw's setup reads it by itself.
    if (agent.id !== "openclaw" && agent.id !== "coderclaw") expect(text).toContain("VLLM_API_KEY");
    expect(agent.snippet({ ...facts, needsKey: false }).text).not.toContain("VLLM_API_KEY");
  });
});

test.each([
  ["claude", ["--model", "sonnet"]],
  ["claude", ["--model=opus"]],
  ["codex", ["-m", "other"]],
  ["opencode", ["run", "-m", "x/y", "hi"]],
  ["qwen", ["-m", "other", "hi"]],
  ["pi", ["--model", "other"]],
  ["cline", ["-m", "other", "hi"]],
])("%s: a model that the user names is left alone: %j", async (id, words) => {
  const agent = AGENTS.find((one) => one.id === id);
  const plan = await agent?.plan(facts, { ...place, words });
  expect(plan?.words.filter((word) => /^(?:-m$|--model)/.test(word))).toHaveLength(1);
});

test("a resumed conversation gets the model by name", async () => {
  for (const id of ["claude", "codex", "opencode", "qwen"]) {
    const plan = await AGENTS.find((one) => one.id === id)?.plan(facts, { ...place, words: ["--continue"] });
    expect(plan?.words.join(" "), id).toMatch(/--model (?:vllm\/)?lab\/tiny\b/);
  }
});

test("opencode's own commands get no model, and its configuration in a variable stays", async () => {
  const env = { OPENCODE_CONFIG_CONTENT: '{"theme":"light"}' };
  const plan = await opencode.plan(facts, { ...place, words: ["models", "vllm"], env });
  expect(plan.words).toEqual(["models", "vllm"]);
  expect(JSON.parse(plan.env["OPENCODE_CONFIG_CONTENT"] ?? "")).toMatchObject({
    theme: "light",
    small_model: "vllm/lab/tiny",
  });
});

test.each([
  ["model_context_window = 16_000\n[profiles.x]\nmodel_context_window = 9", 16_000],
  ["# none\n[profiles.x]\nmodel_context_window = 9", undefined],
  ["model_context_window = many", undefined],
])("Codex's own window: %j", async (text, window) => {
  await mkdir(join(home, ".codex"));
  await writeFile(join(home, ".codex", "config.toml"), text);
  expect(await codex.budget?.({ env: {}, home })).toEqual({ window });
});

describe.each(["openclaw", "coderclaw"])("%s", (id) => {
  test("uses a copy of the user's configuration, which stays as it is", async () => {
    const folder = join(home, `.${id}`);
    const path = join(folder, `${id}.json`);
    const text = '{\n  // mine\n  "gateway": { "port": 1234 },\n}\n';
    await mkdir(folder);
    await writeFile(path, text);
    const plan = await AGENTS.find((one) => one.id === id)?.plan(facts, place);
    const copy = plan?.files?.[`${id}.json`] ?? "";
    expect(copy).toContain("// mine");
    expect(copy).toContain('"vllm-launch"');
    expect(plan?.env[`${id.toUpperCase()}_STATE_DIR`]).toBe(folder);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("refuses a configuration of several files", async () => {
    await mkdir(join(home, `.${id}`));
    await writeFile(join(home, `.${id}`, `${id}.json`), '{ "agents": { "$include": "agents.json" } }');
    await writeFile(join(home, `.${id}`, "agents.json"), "{}");
    const planning = Promise.resolve(AGENTS.find((one) => one.id === id)?.plan(facts, place));
    await expect(planning).rejects.toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("setup") });
  });
});
