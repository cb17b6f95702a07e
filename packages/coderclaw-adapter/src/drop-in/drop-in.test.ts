import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDiscoveryCache } from "@vllm/discovery";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import {
  coderClawConfig,
  completeCoderClawModel,
  HOME_KINDS,
  piModelsFile,
  toUsedPath,
  writeUsedHome,
} from "@vllm-tooling/agent-homes";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { buildVllmProvider, discoverOpenAiCompatibleModels, discoverVllmModels } from "./discover-vllm-models.ts";
import { resolveImplicitVllmProvider } from "./implicit-provider.ts";
import { applyAuthChoiceVllm, promptAndConfigureVllm } from "./prompt-and-configure.ts";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";

/** Another environment than the process's: this one runs no tests. */
const env = {};
let home: string;
let agentDir: string;
const start = useFakeServers();

async function createHome(used: boolean): Promise<void> {
  home = await mkdtemp(join(tmpdir(), "adapter-drop-in-"));
  const folder = ".coderclaw/agents/main/agent";
  agentDir = join(home, used ? toUsedPath(folder) : folder);
  if (used) await writeUsedHome(home, "coderclaw");
  else await mkdir(agentDir, { recursive: true });
}

const removeHome = () => rm(home, { recursive: true, force: true });

function warnings(): { warn: (message: string) => void; said: string[] } {
  const said: string[] = [];
  return { warn: (message) => said.push(message), said };
}

/** A server that has nothing but a list of models. */
function listing(body: unknown, status = 200): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const isList = url.endsWith("/v1/models");
    return Response.json(isList ? body : { detail: "Not Found" }, { status: isList ? status : 404 });
  };
}

describe("discoverVllmModels", () => {
  verifies(["agent/coderclaw/true-window", "agent/coderclaw/entries-complete"], "of a served model", async () => {
    const { baseUrl, model } = await start();
    const models = await discoverVllmModels(baseUrl, undefined, { env });
    expect(models.map(({ id }) => id)).toEqual([model]);
    const served = (await (await fetch(`${baseUrl}/models`)).json()) as { data: { max_model_len: number }[] };
    expect(models[0]?.contextWindow).toBe(served.data[0]?.max_model_len);
    for (const entry of models) completeCoderClawModel.parse(entry);
  });

  verifies("agent/coderclaw/discovered-ids", "several names of one model are several entries", async () => {
    const { baseUrl } = await start({ config: "0.32.0/multi-name" });
    const served = (await (await fetch(`${baseUrl}/models`)).json()) as { data: { id: string }[] };
    const models = await discoverVllmModels(baseUrl, undefined, { env });
    expect(models.map(({ id }) => id)).toEqual(served.data.map(({ id }) => id));
  });

  verifies("agent/coderclaw/discovered-ids", "whatever the list holds", async () => {
    const ids = [" b ", "", "a", null, 7, "b", "\t", "a", "c"];
    const listed = listing({ data: ids.map((id) => ({ id, max_model_len: 32_768 })) });
    const models = await discoverVllmModels("http://h/v1", undefined, {
      env,
      fetch: listed,
      cache: createDiscoveryCache(),
    });
    expect(models.map(({ id }) => id)).toEqual(["b", "a", "c"]);
  });

  verifies.each(
    "agent/coderclaw/true-window",
    [32_768, undefined, 0, -1, 4096.5, "32768", null],
    async (max_model_len) => {
      const listed = listing({ data: [{ id: "m", max_model_len }] });
      const [model] = await discoverVllmModels("http://h/v1", undefined, {
        env,
        fetch: listed,
        cache: createDiscoveryCache(),
      });
      expect(model?.contextWindow).toBe(max_model_len === 32_768 ? 32_768 : 128_000);
      completeCoderClawModel.parse(model);
    },
  );

  verifies("agent/coderclaw/discovery-request", "the limit of 5 s", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await discoverVllmModels("http://h/v1", undefined, {
      env,
      fetch: listing({ data: [{ id: "m" }] }),
      cache: createDiscoveryCache(),
    });
    expect(timeout).toHaveBeenCalledWith(5000);
    timeout.mockRestore();
  });

  verifies("agent/coderclaw/discovery-cache", "no timer is left", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const cache = createDiscoveryCache({ ttlMs: 60_000 });
    const fetch = listing({ data: [{ id: "m" }] });
    expect(await discoverVllmModels("http://h/v1", undefined, { env, fetch, cache })).toHaveLength(1);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  verifies("agent/coderclaw/discovery-failures", "by status and by shape", async () => {
    const answers: [number, unknown][] = [
      [401, { error: "Unauthorized" }],
      [404, { detail: "Not Found" }],
      [500, { error: { message: "boom" } }],
      [200, null],
      [200, { data: {} }],
      [200, { data: [] }],
    ];
    const said: string[] = [];
    for (const [status, body] of answers) {
      const told = warnings();
      const options = { env, warn: told.warn, fetch: listing(body, status), cache: createDiscoveryCache() };
      expect(await discoverVllmModels("http://h/v1", undefined, options)).toEqual([]);
      expect(told.said).toHaveLength(1);
      said.push(told.said[0] as string);
    }
    expect(said).toEqual([
      expect.stringContaining("requires an API key"),
      expect.stringContaining("(404)"),
      expect.stringContaining("500"),
      expect.stringContaining("not with a list of models"),
      expect.stringContaining("not with a list of models"),
      expect.stringContaining("lists no model"),
    ]);
  });

  verifies("agent/coderclaw/discovery-request", "address and key", async () => {
    const server = await start({ apiKey: "sk-1" });
    expect(await discoverVllmModels(`${server.baseUrl}//`, " sk-1\r\n", { env })).toHaveLength(1);
    const open = await start();
    await discoverVllmModels(open.baseUrl, " \n", { env });
    expect(open.requests.some((request) => "authorization" in request.headers)).toBe(false);
  });

  verifies("agent/coderclaw/base-url-v1", "by the drop-in functions", async () => {
    const { serverRoot, baseUrl } = await start();
    expect(await discoverVllmModels(serverRoot, undefined, { env })).toHaveLength(1);
    expect((await buildVllmProvider({ baseUrl: serverRoot }, { env })).baseUrl).toBe(baseUrl);
    expect((await buildVllmProvider({ baseUrl: `${baseUrl}/` }, { env })).baseUrl).toBe(baseUrl);
  });

  verifies.each(
    ["agent/coderclaw/discovery-failures", "agent/openclaw/setup-server-down"],
    [
      ["refused", { fail: "refuse" as const }, /refused.*vllm serve/],
      ["a wrong key", { apiKey: "sk-right" }, /refused the API key \(401\).*--api-key/],
      ["a web page", { fail: { kind: "html-200" as const, paths: /./ } }, /vllm serve/],
      ["a dead proxy", { fail: { kind: "html-502" as const, paths: /./ } }, /502/],
      ["nothing at all", { fail: { kind: "empty-200" as const, paths: /./ } }, /not with a list of models/],
      ["garbage", { fail: { kind: "garbage" as const, paths: /./ } }, /does not speak HTTP/],
      ["silence", { fail: { kind: "stall-before-headers" as const, paths: /./ } }, /did not answer in time/],
    ],
    async ([what, options, message]) => {
      const { baseUrl } = await start(options);
      const { warn, said } = warnings();
      const timeoutMs = what === "silence" ? 300 : undefined;
      expect(await discoverVllmModels(baseUrl, "sk-wrong", { env, warn, timeoutMs })).toEqual([]);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(message);
      expect(said[0]).not.toContain("sk-wrong");
    },
  );

  test("certificates and proxies are the transport's", async () => {
    const { warn, said } = warnings();
    const options = { env, warn, cache: createDiscoveryCache() };
    const proxy = "socks5://127.0.0.1:1";
    expect(await discoverVllmModels("http://gpu.test", undefined, { ...options, proxy })).toEqual([]);
    expect(said[0]).toContain("SOCKS");
    const { fetch } = globalThis;
    expect(await discoverVllmModels("http://gpu.test", undefined, { ...options, fetch, tls: {} })).toEqual([]);
    expect(said[1]).toContain("tls works only with our own HTTP");
  });

  test("an address that is none is a warning, too", async () => {
    const { warn, said } = warnings();
    expect(await discoverVllmModels("not an address", undefined, { env, warn })).toEqual([]);
    expect(said[0]).toContain('"not an address" is not the address of an HTTP server.');
  });

  verifies(
    ["agent/coderclaw/last-good-models", "agent/coderclaw/discovery-cache"],
    "while the server is on, and after it went off",
    async () => {
      const server = await start();
      const options = { env, cache: createDiscoveryCache({ ttlMs: 60_000 }) };
      await Promise.all([1, 2, 3].map(() => discoverVllmModels(server.baseUrl, undefined, options)));
      const lists = () => server.requests.filter(({ path }) => path === "/v1/models").length;
      expect(lists()).toBe(1);
      await discoverVllmModels(server.baseUrl, undefined, { ...options, force: true });
      expect(lists()).toBe(2);
      await server.close();
      const { warn, said } = warnings();
      expect(await discoverVllmModels(server.baseUrl, undefined, { ...options, force: true, warn })).toHaveLength(1);
      expect(said).toEqual([]);
    },
  );

  verifies("agent/coderclaw/discovery-off-in-tests", "discoverVllmModels", async () => {
    const server = await start();
    expect(await discoverVllmModels(server.baseUrl)).toEqual([]);
    expect(await discoverVllmModels(server.baseUrl, undefined, { env: { NODE_ENV: "test" } })).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test("discoverOpenAiCompatibleModels gives ids for a menu", async () => {
    const { baseUrl, model } = await start();
    expect(await discoverOpenAiCompatibleModels(baseUrl, undefined, { env })).toEqual([
      { id: model, hint: expect.stringMatching(/^\d+ tokens$/) },
    ]);
  });
});

describe.each(HOME_KINDS)("resolveImplicitVllmProvider, in $kind", ({ used }) => {
  beforeEach(() => createHome(used));
  afterEach(removeHome);

  verifies("agent/coderclaw/discovery-opt-in", "a blank key is none", async () => {
    const server = await start();
    const found = await resolveImplicitVllmProvider(
      { agentDir },
      { env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: " " } },
    );
    expect(found).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  verifies("agent/coderclaw/explicit-provider", async () => {
    const server = await start();
    const options = { env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "k" } };
    const explicitProviders = { vllm: { baseUrl: "x", models: [] } };
    expect(await resolveImplicitVllmProvider({ agentDir, explicitProviders }, options)).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  test("VLLM_API_KEY opts in; VLLM_BASE_URL is read; the key is not in the result", async () => {
    const server = await start({ apiKey: "sk-secret" });
    const found = await resolveImplicitVllmProvider(
      { agentDir, explicitProviders: { vLLM: {} } },
      { env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "sk-secret" } },
    );
    expect(found).toMatchObject({ baseUrl: server.baseUrl, api: "openai-completions", apiKey: "VLLM_API_KEY" });
    expect(found?.models).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain("sk-secret");
    coderClawConfig.parse({ models: { providers: { vllm: found } } });
  });

  verifies("agent/coderclaw/key-order", "for discovery the variable comes first", async () => {
    const server = await start({ apiKey: "sk-env" });
    await saveApiKeyProfile(join(agentDir, "auth-profiles.json"), { provider: "vllm", key: "sk-stored" });
    const settings = { env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "sk-env" } };
    expect((await resolveImplicitVllmProvider({ agentDir }, settings))?.models).toHaveLength(1);
  });

  verifies(
    ["agent/coderclaw/models-json-valid", "agent/coderclaw/key-not-in-config"],
    "of a profile that opts in",
    async () => {
      const server = await start({ apiKey: "sk-stored" });
      await saveApiKeyProfile(join(agentDir, "auth-profiles.json"), { provider: "vllm", key: "sk-stored" });
      const found = await resolveImplicitVllmProvider({ agentDir }, { env: { VLLM_BASE_URL: server.baseUrl } });
      expect(found?.models).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain("sk-stored");
      piModelsFile.parse({ providers: { vllm: found } });
    },
  );

  verifies(
    "agent/coderclaw/last-good-models",
    "there is no provider while the server is down, so that CoderClaw keeps its own",
    async () => {
      const { warn, said } = warnings();
      const options = { env: { VLLM_BASE_URL: (await start({ fail: "refuse" })).baseUrl, VLLM_API_KEY: "k" }, warn };
      expect(await resolveImplicitVllmProvider({ agentDir }, options)).toBeUndefined();
      expect(said).toHaveLength(1);
    },
  );

  verifies(
    "agent/coderclaw/discovery-off-in-tests",
    "resolveImplicitVllmProvider, whose provider has no models",
    async () => {
      const server = await start();
      const options = { env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "k", VITEST: "true" } };
      expect(await resolveImplicitVllmProvider({ agentDir }, options)).toEqual({
        baseUrl: server.baseUrl,
        api: "openai-completions",
        apiKey: "VLLM_API_KEY",
        models: [],
      });
      expect(server.requests).toEqual([]);
    },
  );
});

function prompterFor(answers: readonly string[]) {
  const remaining = [...answers];
  const asked: string[] = [];
  const notes: [string, string | undefined][] = [];
  const prompter: WizardPrompter = {
    note: async (message, title) => void notes.push([message, title]),
    text: async ({ message, validate }) => {
      asked.push(message);
      const answer = remaining.shift() ?? "";
      const problem = validate?.(answer);
      if (problem !== undefined) throw new Error(`refused: ${problem}`);
      return answer;
    },
    select: async ({ message, options, initialValue }) => {
      asked.push(message);
      const answer = remaining.shift();
      return (options.find((option) => option.value === answer)?.value ?? initialValue) as never;
    },
    progress: () => ({ update: vi.fn(), stop: vi.fn() }),
  };
  return { prompter, asked, notes };
}

describe.each(HOME_KINDS)("promptAndConfigureVllm, in $kind", ({ used }) => {
  beforeEach(() => createHome(used));
  afterEach(removeHome);

  verifies("agent/coderclaw/onboarding-prompts", async () => {
    const { prompter, asked } = prompterFor(["http://127.0.0.1:8000/v1/", "sk-test", "meta-llama/M-8B"]);
    const { config, ...named } = await promptAndConfigureVllm({ cfg: {}, prompter, agentDir });
    expect(asked).toEqual(["vLLM base URL", "vLLM API key", "vLLM model"]);
    expect(named).toEqual({ modelId: "meta-llama/M-8B", modelRef: "vllm/meta-llama/M-8B" });
    expect(config).toMatchObject({
      models: {
        mode: "merge",
        providers: {
          vllm: { baseUrl: "http://127.0.0.1:8000/v1", apiKey: "VLLM_API_KEY", models: [{ id: "meta-llama/M-8B" }] },
        },
      },
    });
    coderClawConfig.parse(config);
    const { profiles } = JSON.parse(await readFile(join(agentDir, "auth-profiles.json"), "utf8"));
    expect(profiles).toEqual({ "vllm:default": { type: "api_key", provider: "vllm", key: "sk-test" } });
  });

  verifies(
    "agent/coderclaw/user-values-kept",
    "other models and headers, while the served models are offered with their windows",
    async () => {
      const server = await start();
      const vllm = { baseUrl: "http://old/v1", headers: { a: "b" }, models: [{ id: "mine", name: "Mine" }] };
      const { prompter } = prompterFor([server.baseUrl, "", server.model]);
      const { config } = await promptAndConfigureVllm(
        { cfg: { models: { providers: { vllm } } }, prompter, agentDir },
        { env },
      );
      expect(config).toMatchObject({
        models: {
          providers: {
            vllm: { baseUrl: server.baseUrl, headers: { a: "b" }, models: [{ id: "mine" }, { id: server.model }] },
          },
        },
      });
    },
  );

  test("an agent that CoderClaw has run already has an empty auth.json: the key is stored all the same", async () => {
    await writeFile(join(agentDir, "auth.json"), "{}");
    const { prompter } = prompterFor(["h:8000", "sk-test", "m"]);
    await promptAndConfigureVllm({ cfg: {}, prompter, agentDir });
    expect(await readFile(join(agentDir, "auth-profiles.json"), "utf8")).toContain('"key": "sk-test"');
  });

  verifies("agent/coderclaw/keyless-placeholder", "asked by the drop-in wizard", async () => {
    const { prompter } = prompterFor(["127.0.0.1:8000", "", "m"]);
    await promptAndConfigureVllm({ cfg: {}, prompter, agentDir });
    expect(await readFile(join(agentDir, "auth-profiles.json"), "utf8")).toContain('"key": "local"');
  });

  verifies("agent/coderclaw/key-is-variable-name", "a warning that does not repeat it", async () => {
    const { baseUrl } = await start({ fail: "refuse" });
    const { prompter, notes } = prompterFor([baseUrl, "MY_SECRET", "m"]);
    await promptAndConfigureVllm({ cfg: {}, prompter, agentDir }, { env: { MY_SECRET: "value" } });
    expect(notes.at(-1)).toEqual([expect.stringContaining("name of an environment variable"), "vLLM API key"]);
    expect(JSON.stringify(notes)).not.toMatch(/MY_SECRET|"value"/);
  });

  test("says what is wrong with a server before the model is asked for", async () => {
    const { baseUrl } = await start({ fail: "refuse" });
    const { prompter, notes, asked } = prompterFor([baseUrl, "k", "m"]);
    await promptAndConfigureVllm({ cfg: {}, prompter, agentDir }, { env });
    expect(notes[0]?.[0]).toContain("the connection was refused");
    expect(asked).toHaveLength(3);
  });

  test("refuses an address and a key that cannot work, at the prompt", async () => {
    const bad = prompterFor(["nonsense with spaces"]).prompter;
    await expect(promptAndConfigureVllm({ cfg: {}, prompter: bad, agentDir })).rejects.toThrow("refused: ");
    const query = prompterFor(["http://h:8000/v1?token=secret"]).prompter;
    const refusal = await promptAndConfigureVllm({ cfg: {}, prompter: query, agentDir }).catch(String);
    expect(refusal).toMatch(/refused: The base URL has a query/);
    expect(refusal).not.toContain("secret");
    const executed = prompterFor(["h:8000", "!rm"]).prompter;
    await expect(promptAndConfigureVllm({ cfg: {}, prompter: executed, agentDir })).rejects.toThrow("exclamation mark");
  });
});

describe.each(HOME_KINDS)("applyAuthChoiceVllm, in $kind", ({ used }) => {
  beforeEach(() => createHome(used));
  afterEach(removeHome);

  const answers = ["h:8000", "k", "org/m"];

  test("another choice is another handler's", async () => {
    const { prompter } = prompterFor([]);
    expect(
      await applyAuthChoiceVllm({ authChoice: "local", config: {}, prompter, agentDir, setDefaultModel: true }),
    ).toBeNull();
  });

  verifies("agent/coderclaw/default-model-fallbacks", "by the drop-in wizard", async () => {
    const { prompter, notes } = prompterFor(answers);
    const config = { agents: { defaults: { model: { fallbacks: ["a/b"] } } } };
    const applied = await applyAuthChoiceVllm({
      authChoice: "vllm",
      config,
      prompter,
      agentDir,
      setDefaultModel: true,
    });
    expect(applied?.config).toMatchObject({
      agents: { defaults: { model: { primary: "vllm/org/m", fallbacks: ["a/b"] } } },
    });
    expect(applied).not.toHaveProperty("agentModelOverride");
    expect(notes).toEqual([["Default model set to vllm/org/m", "Model configured"]]);
  });

  test("or returns the ref for one agent", async () => {
    const { prompter } = prompterFor(answers);
    const applied = await applyAuthChoiceVllm({
      authChoice: "vllm",
      config: {},
      prompter,
      agentDir,
      setDefaultModel: false,
    });
    expect(applied?.agentModelOverride).toBe("vllm/org/m");
    expect(applied?.config).not.toHaveProperty("agents");
  });
});
