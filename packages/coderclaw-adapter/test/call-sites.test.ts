import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WizardPrompter } from "../src/index.ts";
import {
  applyAuthChoiceVllm,
  applyEdits,
  buildVllmProvider,
  discoverOpenAiCompatibleModels,
  discoverVllmModels,
  findProfileKey,
  planDefaultModel,
  planProvider,
  promptAndConfigureVllm,
  resolveImplicitVllmProvider,
  resolveModelRef,
} from "../src/index.ts";

/*
 * The places of CoderClaw (main of 2026-05-05) that our functions take over, with types that are made as its are: closed interfaces,
 * without an index signature. What would not compile there does not compile here.
 */
interface HostModel {
  id: string;
  name: string;
  api?: "openai-completions" | "ollama";
  reasoning: boolean;
  input: ("text" | "image")[];
  cost: { input: number; output: number; cacheRead: number; cacheWrite: number };
  contextWindow: number;
  maxTokens: number;
  headers?: Record<string, string>;
  compat?: { supportsStore?: boolean; maxTokensField?: "max_tokens" | "max_completion_tokens" };
}

interface AgentProvider {
  baseUrl: string;
  apiKey?: string;
  api?: "openai-completions" | "ollama";
  headers?: Record<string, string>;
  models: HostModel[];
}

interface AgentAuth {
  order?: Record<string, string[]>;
}

interface HostConfig {
  auth?: AgentAuth;
  models?: { mode?: "merge" | "replace"; providers?: Record<string, AgentProvider> };
  agents?: { defaults?: { model?: { primary?: string; fallbacks?: string[] } } };
}

interface AgentPrompter {
  intro: (title: string) => Promise<void>;
  note: (message: string, title?: string) => Promise<void>;
  select: <Value>(question: {
    message: string;
    options: { value: Value; label: string; hint?: string }[];
    initialValue?: Value;
  }) => Promise<Value>;
  text: (question: {
    message: string;
    initialValue?: string;
    placeholder?: string;
    validate?: (value: string) => string | undefined;
  }) => Promise<string>;
  progress: (label: string) => { update: (message: string) => void; stop: (message?: string) => void };
}

interface AgentChoice {
  authChoice: "vllm" | "local" | "skip";
  config: HostConfig;
  prompter: AgentPrompter;
  runtime: { log: (text: string) => void };
  agentDir?: string;
  setDefaultModel: boolean;
}

type AgentCredential =
  | { type: "api_key"; provider: string; key?: string; email?: string }
  | { type: "token"; provider: string; token: string };

type AgentUpsert = (profile: {
  profileId: string;
  credential: AgentCredential;
  agentDir?: string;
}) => Promise<object | null>;

let agentDir: string;

beforeEach(async () => {
  agentDir = await mkdtemp(join(tmpdir(), "adapter-call-sites-"));
});

afterEach(() => rm(agentDir, { recursive: true, force: true }));

function prompterFor(...answers: string[]): AgentPrompter {
  return {
    intro: async () => undefined,
    note: async () => undefined,
    select: async ({ options }) => options[0]?.value as never,
    text: async () => answers.shift() ?? "",
    progress: () => ({ update: () => undefined, stop: () => undefined }),
  };
}

function choiceOf(config: HostConfig, more: Partial<AgentChoice> = {}): AgentChoice {
  const prompter = prompterFor("http://127.0.0.1:8000/v1", "sk-1", "org/m");
  return { authChoice: "vllm", config, prompter, runtime: { log: () => undefined }, setDefaultModel: true, ...more };
}

describe("CoderClaw's call sites", () => {
  test("auth-choice.apply.ts: one of a list of handlers", async () => {
    type Handler = (choice: AgentChoice) => Promise<{ config: HostConfig; agentModelOverride?: string } | null>;
    const handlers: Handler[] = [async () => null, applyAuthChoiceVllm];
    const config: HostConfig = { agents: { defaults: { model: { fallbacks: ["a/b"] } } } };
    const results = await Promise.all(handlers.map((handle) => handle(choiceOf(config, { agentDir }))));
    expect(results[1]?.config.agents?.defaults?.model).toEqual({ primary: "vllm/org/m", fallbacks: ["a/b"] });
    expect(results[1]?.config.models?.providers?.["vllm"]?.models.map(({ id }) => id)).toEqual(["org/m"]);
  });

  test("model-picker.ts: the configuration keeps its type", async () => {
    const cfg: HostConfig = { auth: { order: {} } };
    const prompter = prompterFor("http://127.0.0.1:8000/v1", "sk-1", "org/m");
    const picked = await promptAndConfigureVllm({ cfg, prompter, agentDir });
    const result: { model?: string; config?: HostConfig } = { model: picked.modelRef, config: picked.config };
    expect(result).toMatchObject({ model: "vllm/org/m", config: { auth: { order: {} } } });
  });

  test("the key goes through the agent's own function where it is given, and through no other", async () => {
    const stored: unknown[] = [];
    const saveProfile: AgentUpsert = async (profile) => ({ count: stored.push(profile) });
    const credential = { type: "api_key", provider: "vllm", key: "sk-1" };
    await applyAuthChoiceVllm(choiceOf({}, { agentDir }), { saveProfile });
    await applyAuthChoiceVllm(choiceOf({}), { saveProfile });
    expect(stored).toEqual([
      { profileId: "vllm:default", credential, agentDir },
      { profileId: "vllm:default", credential },
    ]);
    await expect(readFile(join(agentDir, "auth-profiles.json"))).rejects.toThrow("ENOENT");
  });

  test("null is how the agent's function says that it failed; a function that says nothing has not", async () => {
    const failing: AgentUpsert = async () => null;
    await expect(applyAuthChoiceVllm(choiceOf({}, { agentDir }), { saveProfile: failing })).rejects.toThrow(
      "The agent could not store the API key.",
    );
    expect(await applyAuthChoiceVllm(choiceOf({}), { saveProfile: async () => undefined })).not.toBeNull();
  });

  test("models-config.providers.ts: in a test run the provider is there, without models, and nothing is asked", async () => {
    const cfg: HostConfig = { auth: {} };
    const providers: Record<string, AgentProvider> = {};
    const implicit = (env: Record<string, string>) =>
      resolveImplicitVllmProvider(
        { agentDir, explicitProviders: cfg.models?.providers, auth: cfg.auth },
        { env, fetch: () => Promise.reject(new Error("asked")), warn: (message) => expect.unreachable(message) },
      );
    const found = await implicit({ VITEST: "true", VLLM_API_KEY: "test-key" });
    if (found !== undefined) providers["vllm"] = found;
    expect(providers["vllm"]).toEqual({
      baseUrl: "http://127.0.0.1:8000/v1",
      api: "openai-completions",
      apiKey: "VLLM_API_KEY",
      models: [],
    });
    expect(await implicit({ NODE_ENV: "test", VLLM_API_KEY: "k", VLLM_BASE_URL: "gpu1:9000" })).toMatchObject({
      baseUrl: "http://gpu1:9000/v1",
      models: [],
    });
    expect(await implicit({ VITEST: "true" })).toBeUndefined();
  });

  test("what is discovered fits the agent's own types", async () => {
    const provider: AgentProvider = await buildVllmProvider({ baseUrl: "http://h/v1" });
    const models: HostModel[] = await discoverVllmModels("http://h/v1");
    const menu: { id: string; hint?: string }[] = await discoverOpenAiCompatibleModels("http://h/v1");
    expect([provider.models, models, menu]).toEqual([[], [], []]);
  });

  test("the parts below them take such a configuration, too", () => {
    const config: HostConfig = { agents: { defaults: { model: { primary: "a/b" } } } };
    const auth: AgentAuth = { order: { vllm: ["vllm:default"] } };
    const profiles = { "vllm:default": { type: "api_key", provider: "vllm", key: "k" } };
    expect(findProfileKey({ version: 1, profiles, order: {}, usageStats: {} }, "vllm", auth)).toBe("k");
    expect(resolveModelRef(config, "vllm/org/m")).toEqual({ provider: "vllm", modelId: "org/m" });
    const fixed = { agent: "coderclaw", providerId: "vllm", baseUrl: "http://h/v1", models: [], recorded: {} } as const;
    const { edits } = planDefaultModel(config, "coderclaw", { providerId: "vllm", modelId: "m" });
    const next: HostConfig = applyEdits(config, [...planProvider({ config, ...fixed }).edits, ...edits]);
    expect(next).toMatchObject({
      models: { mode: "merge", providers: { vllm: { baseUrl: "http://h/v1" } } },
      agents: { defaults: { model: { primary: "vllm/m" } } },
    });
    const prompter: WizardPrompter = prompterFor();
    expect(prompter).toBeDefined();
  });
});
