import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import type { AgentId, AgentLocation } from "../agents/agent-location.ts";
import { locateCoderClaw } from "../agents/locate-coderclaw.ts";
import { locateOpenClaw } from "../agents/locate-openclaw.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { checkConfig } from "./check-config.ts";
import {
  defaultModel,
  providerBaseUrl,
  providerHeaders,
  resolveKey,
  resolveModelRef,
  vllmProviderIds,
} from "./provider-settings.ts";
import { readAgentConfig } from "./read-agent-config.ts";
import { readSetupRecord, recordPath, saveSetupRecord } from "./setup-record.ts";
import { missingVariables, substituteText, variablePlaces } from "./substitute.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "agent-config-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

function locate(agent: AgentId): AgentLocation {
  const surroundings = { env: { HOME: home, PATH: "" }, homeDirectory: home };
  return agent === "coderclaw" ? locateCoderClaw(surroundings) : locateOpenClaw(surroundings);
}

async function read(agent: AgentId, files: { config?: string; env?: string }, processEnv: Record<string, string> = {}) {
  const location = locate(agent);
  await mkdir(dirname(location.configPath), { recursive: true });
  if (files.config !== undefined) await writeFile(location.configPath, files.config);
  if (files.env !== undefined) await writeFile(location.envFile, files.env);
  return readAgentConfig(location, processEnv);
}

const provider = (settings: string): string => `{ models: { providers: { vllm: ${settings} } } }`;

const keyed = (apiKey: string): string => provider(`{ baseUrl: "u", models: [], apiKey: ${apiKey} }`);
const withPrimary = (primary: string) => defaultModel({ agents: { defaults: { model: { primary } } } });

describe("${VAR}", () => {
  const env = { KEY: "v", NESTED: "${KEY}", EMPTY: "" };

  verifies.each(
    "agent/coderclaw/variable-syntax",
    [
      ["a ${KEY} b ${KEY}", "a v b v"],
      ["${NESTED}", "${KEY}"],
      ["$${KEY}", "${KEY}"],
      ["$$${KEY}", "$${KEY}"],
      ["$KEY ${key} ${KEY:-d} ${ KEY } ${} ${1K} ${KEY", "$KEY ${key} ${KEY:-d} ${ KEY } ${} ${1K} ${KEY"],
      ["${UNSET}${EMPTY}", "${UNSET}${EMPTY}"],
    ],
    ([text, expected]) => {
      expect(substituteText(text, env)).toBe(expected);
    },
  );

  verifies("agent/coderclaw/variable-missing", "once, wherever it stands", () => {
    expect(missingVariables({ a: ["${UNSET}", { b: "${EMPTY} ${UNSET} $${LIT} ${KEY}" }] }, env)).toEqual([
      "UNSET",
      "EMPTY",
    ]);
  });

  test("a place is written as in every other error about a configuration", () => {
    const value = { agents: { defaults: { models: { "vllm/org/a": { alias: "${A}" } } } }, list: [{ b: "${B}" }] };
    expect([...variablePlaces(value)]).toEqual([
      ["A", ['agents.defaults.models["vllm/org/a"].alias']],
      ["B", ["list[0].b"]],
    ]);
  });
});

describe("readAgentConfig", () => {
  test("a fresh machine", async () => {
    const agent = await read("coderclaw", {});
    expect(agent).toMatchObject({ value: {}, missingVariables: [], includedFiles: [], file: { exists: false } });
  });

  test("variables: the process wins over .env, that over env.vars, that over env", async () => {
    const config = `{ env: { A: "config", B: "config", C: "config", D: "config", vars: { C: "vars", B: "vars" }, shellEnv: {} } }`;
    const agent = await read("coderclaw", { config, env: "A=file\nexport B='file'\n" }, { A: "process", D: " " });
    expect(agent.env).toMatchObject({ A: "process", B: "file", C: "vars", D: "config" });
  });

  test("a variable that nobody sets is reported and refuses nothing: the gateway may have it", async () => {
    const agent = await read("coderclaw", { config: provider('{ baseUrl: "${URL}", apiKey: "${KEY}", models: [] }') });
    expect(agent.missingVariables).toEqual(["URL", "KEY"]);
  });

  test("what CoderClaw would refuse is refused with path and cause", async () => {
    const config = provider('{ baseUrl: "x", models: [], vllmDiscovery: true }');
    await expect(read("coderclaw", { config })).rejects.toThrow(/vllmDiscovery/);
    await expect(read("coderclaw", { config: "{ agents: { defaults: { model: 'a/b' } } }" })).rejects.toThrow(
      /agents\.defaults\.model/,
    );
  });

  test("OpenClaw's own keys are no problem for OpenClaw", async () => {
    const config = `{ agents: { defaults: { model: "vllm/m", modelPolicy: { allow: [] } } }, models: { providers: { vllm: { timeoutSeconds: 1, models: [{ id: "m", params: {} }] } } } }`;
    expect((await read("openclaw", { config })).value).toHaveProperty("models.providers.vllm.timeoutSeconds", 1);
    await expect(read("openclaw", { config: provider("{ models: {} }") })).rejects.toThrow(
      "models.providers.vllm.models is an object, not a list",
    );
  });

  test("includes are put in and checked", async () => {
    const location = locate("coderclaw");
    await mkdir(dirname(location.configPath), { recursive: true });
    await writeFile(
      join(dirname(location.configPath), "models.json5"),
      `{ providers: { vllm: { baseUrl: "u", models: [] } } }`,
    );
    const config = `{ models: { $include: "./models.json5" } }`;
    expect(vllmProviderIds((await read("coderclaw", { config })).value)).toEqual(["vllm"]);
    await writeFile(join(dirname(location.configPath), "models.json5"), `{ providers: { vllm: { models: [] } } }`);
    await expect(read("coderclaw", { config })).rejects.toThrow(/baseUrl/);
  });
});

describe("checkConfig", () => {
  test("judges what stands beside an include in another section", () => {
    const value = { models: { mode: "wrong" }, channels: { $include: "x.json" } };
    const text = JSON.stringify(value);
    expect(() => checkConfig("coderclaw", { text, value, path: "c.json" }, {})).toThrow(/mode/);
  });
});

describe("resolveKey", () => {
  verifies("agent/coderclaw/key-order", "for a request", async () => {
    const config = keyed('"literal"');
    expect(resolveKey(await read("coderclaw", { config }), "vllm")).toEqual({
      key: "literal",
      source: "apiKey of the configuration",
    });
    const env = { VLLM_API_KEY: "from-env\n" };
    expect(resolveKey(await read("coderclaw", { config }, env), "vllm")).toEqual({
      key: "from-env",
      source: "VLLM_API_KEY",
    });
    await saveApiKeyProfile(locate("coderclaw").authProfilesPath as string, { provider: "vllm", key: "stored" });
    expect(resolveKey(await read("coderclaw", { config }, env), "vllm")).toEqual({
      key: "stored",
      source: "the stored profile of vllm",
    });
  });

  test("CoderClaw sends the name VLLM_API_KEY as a key when the variable is not set, as the agent does", async () => {
    expect(resolveKey(await read("coderclaw", { config: keyed('"VLLM_API_KEY"') }), "vllm").key).toBe("VLLM_API_KEY");
  });

  test("a further server does not get VLLM_API_KEY", async () => {
    const config = `{ models: { providers: { "vllm-b": { baseUrl: "u", models: [] } } } }`;
    expect(resolveKey(await read("coderclaw", { config }, { VLLM_API_KEY: "k" }), "vllm-b").key).toBeUndefined();
  });

  test.each([
    ['"${MY_KEY}"', "mine", "MY_KEY"],
    ['{ source: "env", provider: "default", id: "MY_KEY" }', "mine", "MY_KEY"],
    ['"VLLM_API_KEY"', "theirs", "VLLM_API_KEY"],
    ['"text"', "text", "apiKey of the configuration"],
    ['""', "theirs", "VLLM_API_KEY"],
  ])("OpenClaw's apiKey %s", async (apiKey, key, source) => {
    const agent = await read("openclaw", { config: keyed(apiKey) }, { MY_KEY: "mine", VLLM_API_KEY: "theirs" });
    expect(resolveKey(agent, "vllm")).toEqual({ key, source });
  });

  test("each OpenClaw provider has a variable; ours shares VLLM_API_KEY", async () => {
    const agent = await read("openclaw", {}, { VLLM_API_KEY: "a", VLLM_GPU_1_API_KEY: "b" });
    expect(resolveKey(agent, "vllm-plus")).toEqual({ key: "a", source: "VLLM_API_KEY" });
    expect(resolveKey(agent, "vllm-gpu.1")).toEqual({ key: "b", source: "VLLM_GPU_1_API_KEY" });
    expect(resolveKey(agent, "vllm-other").key).toBeUndefined();
  });

  test("keyless is no key", async () => {
    expect(resolveKey(await read("openclaw", {}), "vllm")).toEqual({ key: undefined, source: "none" });
  });
});

describe("provider settings", () => {
  test("the address: configured, VLLM_BASE_URL, vLLM's default", async () => {
    expect(providerBaseUrl(await read("coderclaw", {}), "vllm").baseUrl).toBe("http://127.0.0.1:8000/v1");
    const env = { VLLM_BASE_URL: "http://v/v1", HOST: "h" };
    expect(providerBaseUrl(await read("coderclaw", {}, env), "vllm")).toEqual({
      baseUrl: "http://v/v1",
      source: "VLLM_BASE_URL",
    });
    const config = provider('{ baseUrl: "http://${HOST}/v1", headers: { "X-A": "${HOST}" }, models: [] }');
    const agent = await read("coderclaw", { config }, env);
    expect(providerBaseUrl(agent, "vllm").baseUrl).toBe("http://h/v1");
    expect(providerHeaders(agent, "vllm")).toEqual({ "X-A": "h" });
  });

  verifies("agent/coderclaw/model-ref", "the default model", () => {
    expect(withPrimary("vllm/meta-llama/Llama-3.1-8B")).toEqual({
      provider: "vllm",
      modelId: "meta-llama/Llama-3.1-8B",
    });
    expect(withPrimary("VLLM//data/m")).toEqual({ provider: "vllm", modelId: "/data/m" });
    expect(withPrimary("meta-llama/Llama-3.1-8B")).toMatchObject({ provider: "meta-llama" });
    expect(defaultModel({ agents: { defaults: { model: "vllm/m" } } })).toEqual({ provider: "vllm", modelId: "m" });
    expect(defaultModel({})).toBeUndefined();
  });

  verifies(
    ["agent/coderclaw/model-ref", "agent/coderclaw/model-alias"],
    "an alias in any case, and a word that is neither",
    () => {
      const config = { agents: { defaults: { models: { "vllm/@org/My Model": { alias: "Mine" }, "vllm/a/b": {} } } } };
      expect(resolveModelRef(config, " mine ")).toEqual({ provider: "vllm", modelId: "@org/My Model" });
      expect(resolveModelRef(config, "vllm/Mine")).toEqual({ provider: "vllm", modelId: "Mine" });
      expect(resolveModelRef(config, "other")).toBeUndefined();
      expect(resolveModelRef({}, "")).toBeUndefined();
      expect(defaultModel({ agents: { defaults: { ...config.agents.defaults, model: { primary: "MINE" } } } })).toEqual(
        {
          provider: "vllm",
          modelId: "@org/My Model",
        },
      );
    },
  );

  test("an alias counts without its blanks, and only at a key that is a ref", () => {
    const models = { nonsense: { alias: "mine" }, "vllm/a": { alias: " Mine " }, "vllm/b": { alias: "" } };
    const config = { agents: { defaults: { model: "mine", models } } };
    expect(defaultModel(config)).toEqual({ provider: "vllm", modelId: "a" });
    expect(resolveModelRef(config, "mine")).toEqual({ provider: "vllm", modelId: "a" });
    expect(resolveModelRef(config, " ")).toBeUndefined();
  });

  test("a default that is a bare word is the agent's default provider's; a file of another shape has none", () => {
    expect(withPrimary("claude-x")).toEqual({ provider: "anthropic", modelId: "claude-x" });
    expect(defaultModel({ agents: { defaults: { model: "m", models: ["x"] } } })).toMatchObject({ modelId: "m" });
    for (const agents of [null, "x", [], { defaults: null }, { defaults: 7 }, { defaults: { model: 7 } }])
      expect(defaultModel({ agents })).toBeUndefined();
  });

  test("only vllm and vllm-<name> are vLLM servers", () => {
    const settings = { baseUrl: "u" };
    const providers = { openai: settings, "vllm-gpu0": settings, vllm: settings, vLLM: settings, "vllm-": settings };
    expect(vllmProviderIds({ models: { providers } })).toEqual(["vllm-gpu0", "vllm"]);
  });
});

describe("the record of what was written", () => {
  test("is kept beside the configuration, 0600, and adds up", async () => {
    const location = locate("openclaw");
    const models = async (): Promise<object> => (await readSetupRecord(location)).modelsOf("vllm");
    const profiles = { apiRoot: "http://gpu1:8000/v1", models: [] };
    const bridge = { baseUrl: "http://127.0.0.1:8010/v1", upstream: profiles.apiRoot };
    expect(await models()).toEqual({});
    await saveSetupRecord(location, { providerId: "vllm", models: { a: { contextWindow: 1 } }, profiles, bridge });
    await saveSetupRecord(location, { providerId: "vllm", models: { b: { contextWindow: 2 } }, profiles });
    await saveSetupRecord(location, { providerId: "vllm-x", models: { c: {} }, profiles });
    expect(await models()).toEqual({ a: { contextWindow: 1 }, b: { contextWindow: 2 } });
    const record = await readSetupRecord(location);
    expect([record.bridgeOf("vllm"), record.bridgeOf("vllm-x")]).toEqual([bridge, undefined]);
    expect(record.profiles()).toEqual({ [profiles.apiRoot]: [] });
    expect((await stat(recordPath(location))).mode & 0o777).toBe(0o600);
    await writeFile(recordPath(location), "broken");
    expect(await models()).toEqual({});
  });
});
