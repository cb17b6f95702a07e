import { stopClock } from "@vllm-tooling/contract/clock";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import {
  coderClawConfig,
  completeCoderClawModel,
  HOME_KINDS,
  openClawConfig,
  openClawModel,
  piModelsFile,
  toUsedPath,
  writeUsedHome,
} from "@vllm-tooling/agent-homes";
import type { CoderClawPluginApi, CoderClawProvider } from "../coderclaw/plugin-api.ts";
import { createCoderClawProvider } from "../coderclaw/create-provider.ts";
import { createModelRefresh } from "../coderclaw/refresh-models.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import { readSetupRecord } from "../agent-config/setup-record.ts";
import { locateOpenClaw } from "../agents/locate-openclaw.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import { createOpenClawProvider } from "../openclaw/create-provider.ts";
import type { OpenClawProvider } from "../openclaw/plugin-api.ts";
import { createLearnedProfiles } from "../openclaw/learned-profiles.ts";
import type { OnboardingMemory } from "../openclaw/onboarding-memory.ts";
import { createOnboardingMemory } from "../openclaw/onboarding-memory.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { createPlugin } from "./create-plugin.ts";
import plugin from "./index.ts";
import { coderClawManifest, openClawManifest } from "./manifests.ts";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";

const packageRoot = new URL("../../", import.meta.url);
const readJson = (name: string): JsonObject => JSON.parse(readFileSync(new URL(name, packageRoot), "utf8"));

const start = useFakeServers();
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "adapter-plugin-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

function prompterFor(answers: readonly string[]): { prompter: WizardPrompter; notes: string[] } {
  const remaining = [...answers];
  const notes: string[] = [];
  const prompter: WizardPrompter = {
    note: async (message) => void notes.push(message),
    text: async () => remaining.shift() ?? "",
    select: async ({ options }) => {
      const answer = remaining.shift();
      return (options.find((option) => option.value === answer) ?? options[0])?.value as never;
    },
  };
  return { prompter, notes };
}

describe("the package, as the agents read it", () => {
  verifies("agent/coderclaw/plugin-manifest", "generated from the schemas; `pnpm manifests` writes them", () => {
    expect(readJson("coderclaw.plugin.json")).toEqual(coderClawManifest());
    expect(readJson("openclaw.plugin.json")).toEqual(openClawManifest());
  });

  verifies("agent/coderclaw/plugin-manifest", "entry, id and configSchema", () => {
    const { name, coderclaw } = readJson("package.json") as { name: string; coderclaw: JsonObject };
    expect(coderclaw).toEqual({ extensions: ["./dist/plugin/index.js"] });
    expect(coderClawManifest()["id"]).toBe(name.split("/").at(-1));
    expect(coderClawManifest()["configSchema"]).toMatchObject({ type: "object", additionalProperties: false });
  });

  test("OpenClaw: an entry, the plugin API it needs, its own ids", () => {
    expect(readJson("package.json")["openclaw"]).toMatchObject({
      extensions: ["./dist/plugin/index.js"],
      providers: ["vllm-plus"],
      compat: { pluginApi: ">=2026.9.0" },
      build: { openclawVersion: "2026.9.6" },
    });
    expect(openClawManifest()).toMatchObject({ id: "coderclaw-adapter", providers: ["vllm-plus"] });
    expect(JSON.stringify(openClawManifest())).not.toContain('"vllm"]');
  });

  test("taking over the id vllm is another manifest", () => {
    expect(openClawManifest({ pluginId: "vllm", providerId: "vllm" })).toMatchObject({
      id: "vllm",
      providers: ["vllm"],
    });
  });

  verifies("agent/coderclaw/node-version", () => {
    expect(readJson("package.json")).toMatchObject({ type: "module", engines: { node: ">=22.12" } });
    const isTaken = (range: string): boolean =>
      [...range.matchAll(/>= ?(\d+)(?:\.(\d+))?/g)].some(
        ([, major, minor = "0"]) => Number(major) * 1000 + Number(minor) <= 22_012,
      );
    const refusing = Object.keys(readJson("package.json")["dependencies"] as object).filter((name) => {
      const { engines } = readJson(`node_modules/${name}/package.json`) as { engines?: { node?: string } };
      return engines?.node !== undefined && !isTaken(engines.node);
    });
    expect(refusing).toEqual([]);
  });
});

describe("register", () => {
  const coderClawApi = () => {
    const providers: CoderClawProvider[] = [];
    const hooks: string[] = [];
    const api: CoderClawPluginApi = {
      registerProvider: (provider) => void providers.push(provider),
      on: (hook) => void hooks.push(hook),
    };
    return { api, providers, hooks };
  };

  verifies(["agent/coderclaw/plugin-register", "agent/coderclaw/plugin-provider"], "in CoderClaw", () => {
    const { api, providers, hooks } = coderClawApi();
    expect(plugin.register(api)).toBeUndefined();
    expect(providers.map(({ id }) => id)).toEqual(["vllm"]);
    expect(Object.keys(providers[0] ?? {}).toSorted()).toEqual(["aliases", "auth", "docsPath", "id", "label"]);
    expect(hooks).toEqual(["before_model_resolve"]);
  });

  test("OpenClaw: provider vllm-plus, or vllm when that was chosen", () => {
    for (const [instance, id] of [
      [plugin, "vllm-plus"],
      [createPlugin({ pluginId: "vllm", providerId: "vllm" }), "vllm"],
    ] as const) {
      const providers: OpenClawProvider[] = [];
      instance.register({
        registerModelCatalogProvider: () => undefined,
        registerProvider: (provider: OpenClawProvider) => void providers.push(provider),
      });
      expect(providers.map((provider) => provider.id)).toEqual([id]);
      expect(plugin.id).toBe("coderclaw-adapter");
    }
  });

  test("the refresh can be switched off", () => {
    const { api, hooks } = coderClawApi();
    plugin.register({ ...api, pluginConfig: { refreshModels: false } });
    expect(hooks).toEqual([]);
  });

  verifies("agent/coderclaw/plugin-register", "whatever the agent lacks or does, with a warning", () => {
    const warnings: string[] = [];
    const logger = { warn: (message: string) => void warnings.push(message) };
    plugin.register({});
    plugin.register({ registerModelCatalogProvider: true });
    plugin.register({
      logger,
      registerProvider: () => {
        throw new Error("no more providers");
      },
    });
    plugin.register({ logger, pluginConfig: { idleSeconds: -1, other: 1 }, registerModelCatalogProvider: true });
    expect(warnings).toEqual([
      "vLLM could not be registered: no more providers",
      expect.stringMatching(/The plugin's config is not used: .*idleSeconds/),
    ]);
  });
});

describe("CoderClaw: models auth login --provider vllm", () => {
  verifies("agent/coderclaw/login-patch", async () => {
    const server = await start();
    const config = {
      models: {
        providers: { vllm: { baseUrl: "http://old/v1", headers: { a: "b" }, models: [{ id: "mine", name: "Mine" }] } },
      },
    };
    const { prompter } = prompterFor([server.baseUrl, "sk-1", server.model]);
    const result = await createCoderClawProvider().auth[0]?.run({ config, prompter });
    expect(result?.profiles).toEqual([
      { profileId: "vllm:default", credential: { type: "api_key", provider: "vllm", key: "sk-1" } },
    ]);
    expect(result?.defaultModel).toBe(`vllm/${server.model}`);
    coderClawConfig.parse(result?.configPatch);
    const vllm = getValue(result?.configPatch, ["models", "providers", "vllm"]) as { models: JsonObject[] };
    expect(vllm).toMatchObject({
      baseUrl: server.baseUrl,
      headers: { a: "b" },
      models: [{ id: "mine" }, { id: server.model }],
    });
    completeCoderClawModel.parse(vllm.models[1]);
    expect(JSON.stringify(result?.configPatch)).not.toMatch(/null|sk-1/);
  });

  verifies("agent/coderclaw/keyless-placeholder", "asked by `models auth login`", async () => {
    const { prompter } = prompterFor(["h:8000", "", "m"]);
    const result = await createCoderClawProvider({ env: {} }).auth[0]?.run({ config: {}, prompter });
    expect(result?.profiles[0]?.credential.key).toBe("local");
  });
});

describe.each(HOME_KINDS)("CoderClaw: the refresh before a run, in $kind", ({ used }) => {
  beforeEach(async () => {
    if (used) await writeUsedHome(home, "coderclaw");
  });

  const name = ".coderclaw/agents/main/agent/models.json";
  const store = (): string => join(home, used ? toUsedPath(name) : name);
  const refresh = (env: Record<string, string>, config: JsonObject = {}) => {
    const warnings: string[] = [];
    const surroundings = { env: { HOME: home, PATH: "", ...env }, homeDirectory: home };
    return {
      run: createModelRefresh({ config, surroundings, warn: (message) => void warnings.push(message) }),
      warnings,
    };
  };

  async function write(content: unknown): Promise<void> {
    await mkdir(dirname(store()), { recursive: true });
    await writeFile(store(), typeof content === "string" ? content : JSON.stringify(content));
  }

  verifies(
    ["agent/coderclaw/models-json-valid", "agent/coderclaw/models-json-kept", "agent/coderclaw/true-window"],
    "by the refresh, which asks once",
    async () => {
      const server = await start();
      const other = { baseUrl: "x", apiKey: "k", api: "openai-completions", models: [] };
      await write({
        providers: {
          other,
          vllm: { ...other, baseUrl: "old", models: [{ id: server.model, contextWindow: 128_000 }] },
        },
      });
      const { run } = refresh({ VLLM_API_KEY: "k", VLLM_BASE_URL: server.baseUrl });
      await run();
      const file = JSON.parse(await readFile(store(), "utf8"));
      piModelsFile.parse(file);
      expect(file.providers.other).toEqual(other);
      expect(file.providers.vllm.models[0].contextWindow).not.toBe(128_000);
      expect(JSON.stringify(file)).not.toContain('"k1"');
      const requests = server.requests.length;
      await run();
      expect(server.requests).toHaveLength(requests);
    },
  );

  verifies("agent/coderclaw/refresh-before-run", "a configured provider, and no consent", async () => {
    const server = await start();
    const configured = { models: { providers: { vllm: { baseUrl: server.baseUrl, models: [] } } } };
    await refresh({ VLLM_API_KEY: "k", VLLM_BASE_URL: server.baseUrl }, configured).run();
    await refresh({ VLLM_BASE_URL: server.baseUrl }).run();
    expect(server.requests).toEqual([]);
  });

  test("a stored profile opts in", async () => {
    const server = await start({ apiKey: "sk-stored" });
    await saveApiKeyProfile(join(dirname(store()), "auth-profiles.json"), { provider: "vllm", key: "sk-stored" });
    await refresh({ VLLM_BASE_URL: server.baseUrl }).run();
    expect(await readFile(store(), "utf8")).not.toContain("sk-stored");
  });

  verifies("agent/coderclaw/refresh-before-run", "an invalid file is left alone, a server may be off", async () => {
    const server = await start();
    const env = { VLLM_API_KEY: "k", VLLM_BASE_URL: server.baseUrl };
    const invalid = { providers: { broken: { models: [{ id: "" }] } } };
    await write(invalid);
    const first = refresh(env);
    await first.run();
    expect(first.warnings[0]).toContain("left as it is");
    expect(JSON.parse(await readFile(store(), "utf8"))).toEqual(invalid);
    await write("{ broken");
    const second = refresh(env);
    await second.run();
    expect(second.warnings).toHaveLength(1);
    await server.close();
    await refresh(env).run();
  });

  verifies("agent/coderclaw/refresh-before-run", "limited in time", async () => {
    const server = await start({ fail: { kind: "stall-before-headers", paths: /./ } });
    using clock = stopClock();
    await clock.passUntil(refresh({ VLLM_API_KEY: "k", VLLM_BASE_URL: server.baseUrl }).run(), 10);
    expect(clock.elapsedMs).toBeLessThan(3000);
  });
});

describe("OpenClaw: the provider", () => {
  function providerFor(env: Record<string, string> = {}, memory?: OnboardingMemory) {
    const warnings: string[] = [];
    const profiles = createLearnedProfiles();
    const provider = createOpenClawProvider({
      providerId: "vllm-plus",
      env,
      memory,
      logger: { warn: (message) => void warnings.push(message) },
      profiles,
      firstTokenSeconds: 5,
      idleSeconds: 5,
      recoverToolCalls: true,
    });
    return { provider, warnings, profiles };
  }

  const catalogContext = (config: JsonObject = {}, key: { apiKey?: string; discoveryApiKey?: string } = {}) => ({
    config,
    env: {},
    resolveProviderApiKey: () => key,
  });
  const configFor = (baseUrl: string, models: JsonObject[] = []): JsonObject => ({
    models: { providers: { "vllm-plus": { baseUrl, models } } },
  });

  verifies("agent/openclaw/catalog-key", async () => {
    const server = await start({ apiKey: "sk-real" });
    const { provider } = providerFor({ VLLM_BASE_URL: server.baseUrl });
    const found = (await provider.catalog.run(
      catalogContext({}, { apiKey: "VLLM_API_KEY", discoveryApiKey: "sk-real" }),
    )) as { provider: { apiKey: string; models: JsonObject[] } };
    expect(found.provider).toMatchObject({
      baseUrl: server.baseUrl,
      api: "openai-completions",
      apiKey: "VLLM_API_KEY",
    });
    for (const row of found.provider.models) openClawModel.parse(row);
    expect(JSON.stringify(found)).not.toContain("sk-real");
  });

  test("no address, no key: nothing is asked", async () => {
    const { provider } = providerFor();
    expect(await provider.catalog.run(catalogContext())).toBeNull();
    const command = "`npx @vllm/connect setup --agent openclaw --provider vllm-plus`";
    expect(provider.buildUnknownModelHint({ modelId: "m" })).toContain(command);
    expect(provider.buildMissingAuthMessage()).toContain(command);
  });

  verifies("agent/openclaw/catalog-cache", async () => {
    const server = await start();
    const { provider } = providerFor();
    const context = catalogContext(configFor(server.baseUrl));
    await Promise.all([provider.catalog.run(context), provider.catalog.run(context)]);
    const requests = server.requests.length;
    await provider.catalog.run(context);
    expect(server.requests).toHaveLength(requests);
    await server.close();
    expect(
      provider.resolveDynamicModel({ config: configFor(server.baseUrl), provider: "vllm-plus", modelId: server.model }),
    ).toMatchObject({
      id: server.model,
      provider: "vllm-plus",
      baseUrl: server.baseUrl,
    });
  });

  verifies("agent/openclaw/unlisted-model", "and an unknown one is not made up", async () => {
    const server = await start();
    const { provider } = providerFor();
    const config = configFor(server.baseUrl);
    expect(provider.resolveDynamicModel({ config, provider: "vllm-plus", modelId: server.model })).toBeNull();
    const model = await provider.prepareDynamicModel({ config, provider: "vllm-plus", modelId: server.model });
    expect(model).toMatchObject({ id: server.model, api: "openai-completions", baseUrl: server.baseUrl });
    expect(await provider.prepareDynamicModel({ config, provider: "vllm-plus", modelId: "nope" })).toBeUndefined();
    expect(provider.buildUnknownModelHint({ modelId: "nope", config })).toContain(`serves ${server.model}, not nope`);
  });

  verifies("agent/openclaw/setup-server-down", "asked by the catalog", async () => {
    const server = await start({ fail: "refuse" });
    const { provider, warnings } = providerFor();
    expect(await provider.catalog.run(catalogContext(configFor(server.baseUrl)))).toBeNull();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("the connection was refused");
  });

  verifies(
    "agent/openclaw/address-is-enough",
    "OpenClaw takes VLLM_BASE_URL for a key, which is not sent",
    async () => {
      const server = await start();
      const { provider } = providerFor({ VLLM_BASE_URL: server.baseUrl });
      const found = await provider.catalog.run(
        catalogContext({}, { apiKey: "VLLM_BASE_URL", discoveryApiKey: server.baseUrl }),
      );
      expect(found).toMatchObject({ provider: { baseUrl: server.baseUrl, models: [{ id: server.model }] } });
      const model = { id: server.model, provider: "vllm-plus", api: "openai-completions", baseUrl: server.baseUrl };
      const stream = provider.createStreamFn({ model })(model, { messages: [] }, { apiKey: server.baseUrl });
      expect((await stream.result()).stopReason).toBe("stop");
      expect(server.requests.every(({ headers }) => !("authorization" in headers))).toBe(true);
    },
  );

  test("keyless: a stand-in for the agent, unless there is a key", () => {
    const { provider } = providerFor();
    expect(provider.resolveSyntheticAuth({ provider: "vllm-plus" })).toMatchObject({ apiKey: "vllm-keyless" });
    const config = { models: { providers: { "vllm-plus": { apiKey: "VLLM_API_KEY" } } } };
    expect(provider.resolveSyntheticAuth({ provider: "vllm-plus", config })).toBeNull();
    expect(providerFor({ VLLM_API_KEY: "k" }).provider.resolveSyntheticAuth({ provider: "vllm-plus" })).toBeNull();
  });

  verifies("agent/openclaw/thinking-levels", () => {
    const { provider, profiles } = providerFor();
    const known = { source: "probed", evidence: "test" } as const;
    const base = {
      contextWindow: { value: 1, ...known },
      input: { value: ["text"], ...known },
      toolCalling: { value: "yes", ...known },
      reasoning: { value: "yes", ...known },
    } as const;
    const off = { chat_template_kwargs: { enable_thinking: false } };
    const on = { chat_template_kwargs: { enable_thinking: true } };
    profiles.set("http://a/v1", { id: "binary", ...base, thinking: { value: { default: "on", on, off }, ...known } });
    const efforts = { low: { reasoning_effort: "low" }, high: { reasoning_effort: "high" } };
    profiles.set("http://a/v1", { id: "effort", ...base, thinking: { value: { default: "on", efforts }, ...known } });
    const levels = (modelId: string, reasoning = true) =>
      provider.resolveThinkingProfile({ provider: "vllm-plus", modelId, reasoning });
    expect(levels("binary")).toEqual({ levels: [{ id: "off" }, { id: "low", label: "on" }], defaultLevel: "low" });
    expect(levels("effort")).toEqual({ levels: [{ id: "low" }, { id: "high" }], defaultLevel: "low" });
    expect(levels("unknown")).toBeNull();
    expect(levels("binary", false)).toBeNull();
  });

  verifies(["agent/openclaw/call-ids-kept", "agent/openclaw/reasoning-replayed"], "OpenClaw is told to", () => {
    expect(providerFor().provider.buildReplayPolicy()).toMatchObject({
      sanitizeToolCallIds: false,
      dropThinkingBlocks: false,
    });
  });

  describe("onboard --non-interactive", () => {
    const runtimeFor = () => {
      const said: string[] = [];
      const exits: number[] = [];
      return {
        runtime: {
          log: (text: string) => void said.push(text),
          error: (text: string) => void said.push(text),
          exit: (code: number) => void exits.push(code),
        },
        said,
        exits,
      };
    };

    verifies(
      ["agent/openclaw/address-is-enough", "agent/openclaw/keyless"],
      "with a default model that OpenClaw accepts",
      async () => {
        const server = await start();
        const { runtime, exits } = runtimeFor();
        const config = await providerFor().provider.auth[0]?.runNonInteractive({
          config: {},
          opts: { customBaseUrl: server.serverRoot },
          runtime,
        });
        expect(exits).toEqual([]);
        openClawConfig.parse(config);
        expect(config).toMatchObject({
          models: {
            mode: "merge",
            providers: { "vllm-plus": { baseUrl: server.baseUrl, models: [{ id: server.model }] } },
          },
          agents: { defaults: { model: { primary: `vllm-plus/${server.model}` } } },
        });
        expect(JSON.stringify(config)).not.toContain("apiKey");
      },
    );

    test("a server that is off, a key that is wrong, a model that is not served: exit 1 with the fix, nothing written", async () => {
      const off = await start({ fail: "refuse" });
      const locked = await start({ apiKey: "sk-right" });
      const open = await start();
      const cases = [
        [{ customBaseUrl: off.baseUrl }, /the connection was refused/],
        [{ customBaseUrl: locked.baseUrl, customApiKey: "sk-wrong" }, /refused the API key/],
        [
          { customBaseUrl: open.baseUrl, customModelId: `${open.model}x` },
          /Use --custom-model-id \S+, the only model that is served/,
        ],
        [{ customBaseUrl: "not an address" }, /is not the address of an HTTP server/],
      ] as const;
      for (const [opts, message] of cases) {
        const { runtime, said, exits } = runtimeFor();
        expect(await providerFor().provider.auth[0]?.runNonInteractive({ config: {}, opts, runtime })).toBeNull();
        expect(exits).toEqual([1]);
        expect(said.join("\n")).toMatch(message);
        expect(said.join("\n")).not.toContain("sk-wrong");
      }
    });

    verifies("agent/openclaw/smallest-window", "by onboard", async () => {
      const server = await start({ config: "0.24.0/small" });
      const { runtime, said, exits } = runtimeFor();
      const opts = { customBaseUrl: server.baseUrl };
      expect(await providerFor().provider.auth[0]?.runNonInteractive({ config: {}, opts, runtime })).not.toBeNull();
      expect(exits).toEqual([]);
      expect(said[0]).toMatch(/OpenClaw refuses to run below 4000[^]*--max-model-len 32768/);
      expect(said.join()).not.toContain("CoderClaw");
    });

    test("a key from the flag is used, and not written into the configuration", async () => {
      const server = await start({ apiKey: "sk-flag" });
      const { runtime, said } = runtimeFor();
      const opts = { customBaseUrl: server.baseUrl, customApiKey: "sk-flag" };
      const config = await providerFor().provider.auth[0]?.runNonInteractive({ config: {}, opts, runtime });
      expect(config).toMatchObject({ models: { providers: { "vllm-plus": { apiKey: "VLLM_API_KEY" } } } });
      expect(JSON.stringify(config) + said.join("")).not.toContain("sk-flag");
      expect(said.join("\n")).toContain("VLLM_API_KEY");
    });
  });

  test("onboarding is remembered: later runs know the model, and a window of ours that changed is replaced", async () => {
    const server = await start();
    const location = locateOpenClaw({ env: { HOME: home, PATH: "" }, homeDirectory: home });
    const memory = createOnboardingMemory(location, "vllm-plus");
    const { provider } = providerFor({}, memory);
    const runtime = { log: () => undefined, error: () => undefined, exit: () => undefined };
    const opts = { customBaseUrl: server.baseUrl };
    const first = (await provider.auth[0]?.runNonInteractive({ config: {}, opts, runtime })) as JsonObject;
    expect((await readSetupRecord(location)).profiles()[server.baseUrl]).toMatchObject([
      { id: server.model, thinking: { value: { default: "on" } } },
    ]);
    const row = getValue(first, ["models", "providers", "vllm-plus", "models", 0]) as JsonObject;
    const record = { [server.model]: { ...row, contextWindow: 8192 } };
    await memory.keep({ apiRoot: server.baseUrl, profiles: [], record });
    const config = configFor(server.baseUrl, [{ ...row, contextWindow: 8192 }]);
    const second = await provider.auth[0]?.runNonInteractive({ config, opts, runtime });
    expect(getValue(second, ["models", "providers", "vllm-plus", "models", 0])).toEqual(row);
  });

  test("the wizard asks again for a key that is refused and an address where nobody answers, until the answer stays the same", async () => {
    const server = await start({ apiKey: "sk-right" });
    const off = await start({ fail: "refuse" });
    const wizard = async (...answers: string[]) => {
      const { prompter, notes } = prompterFor(answers);
      return { result: await providerFor().provider.auth[0]?.run({ config: {}, prompter }), notes };
    };
    const mended = await wizard(off.baseUrl, "", server.baseUrl, "sk-wrong", "sk-right", server.model);
    expect(mended.result).toMatchObject({
      profiles: [{ credential: { key: "sk-right" } }],
      defaultModel: `vllm-plus/${server.model}`,
      configPatch: { models: { providers: { "vllm-plus": { baseUrl: server.baseUrl } } } },
    });
    expect(mended.notes).toEqual([
      expect.stringContaining("the connection was refused"),
      expect.stringContaining("401"),
      expect.stringContaining("refused the API key (401)"),
    ]);
    const { result } = await wizard(off.baseUrl, "", off.baseUrl, "later");
    expect(result).toMatchObject({ defaultModel: "vllm-plus/later" });
    const kept = await wizard(server.baseUrl, "sk-later", "sk-later", "m");
    expect(kept.result).toMatchObject({ profiles: [{ credential: { key: "sk-later" } }], defaultModel: "vllm-plus/m" });
  });

  verifies("agent/openclaw/smallest-window", "by the wizard", async () => {
    const server = await start({ config: "0.24.0/small" });
    const { prompter, notes } = prompterFor([server.baseUrl, "", server.model]);
    await providerFor().provider.auth[0]?.run({ config: {}, prompter });
    expect(notes.join()).toContain("OpenClaw refuses to run below 4000");
    expect(notes.join()).not.toContain("CoderClaw");
  });

  test("the wizard: address, blank key, model from the served ones", async () => {
    const server = await start();
    const { prompter } = prompterFor([server.baseUrl, "", server.model]);
    const result = await providerFor().provider.auth[0]?.run({ config: {}, prompter });
    expect(result).toMatchObject({ profiles: [], defaultModel: `vllm-plus/${server.model}` });
    openClawConfig.parse(result?.configPatch);
    const keyed = await providerFor().provider.auth[0]?.run({
      config: {},
      prompter: prompterFor([server.baseUrl, "sk-1", server.model]).prompter,
    });
    expect(keyed?.profiles).toMatchObject([{ profileId: "vllm-plus:default", credential: { key: "sk-1" } }]);
    expect(JSON.stringify(keyed?.configPatch)).not.toContain("sk-1");
  });
});
