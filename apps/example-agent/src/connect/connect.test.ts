import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import type { FakeVllm } from "@vllm-tooling/fake-vllm";
import { VllmError } from "@vllm/schema";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConnectEvent } from "./connect-event.ts";
import type { ConnectOptions, Connection } from "./connect.ts";
import { connect } from "./connect.ts";
import { startEmbeddedServer } from "./embedded-server.ts";

let folder: string;
let server: FakeVllm;
let events: ConnectEvent[];
let open: Connection[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "connect-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await startFakeVllm({ apiKey: "right-key" });
  events = [];
  open = [];
});
afterEach(async () => {
  for (const connection of open) await connection.close();
  await server.close();
});

async function run(options: Partial<ConnectOptions>): Promise<Connection> {
  const connection = await connect({ env: {}, signal: new AbortController().signal, ...options }, (event) =>
    events.push(event),
  );
  open.push(connection);
  return connection;
}
async function failure(options: Partial<ConnectOptions>): Promise<VllmError> {
  const error: unknown = await run(options).catch((thrown: unknown) => thrown);
  if (error instanceof VllmError) return error;
  return expect.unreachable();
}
async function configFile(text: string): Promise<string> {
  const file = path.join(folder, "config.json5");
  await writeFile(file, text);
  return file;
}
const notStarted = () => expect.unreachable();
const entry = (id: string) => `{ baseUrl: "http://${id}.test/v1", models: [{ id: "m", name: "M" }] }`;
const ofType = <Type extends ConnectEvent["type"]>(type: Type) =>
  events.filter((event): event is Extract<ConnectEvent, { type: Type }> => event.type === type);

describe("a named server", () => {
  test("--base-url: its models, each value with its source", async () => {
    const { model, baseUrl } = await run({ baseUrl: server.serverRoot, env: { VLLM_API_KEY: "right-key" } });
    expect(baseUrl).toBe(server.baseUrl);
    expect(ofType("provider")).toEqual([expect.objectContaining({ source: "option", keySource: "VLLM_API_KEY" })]);
    expect(ofType("server")[0]).toMatchObject({
      baseUrl: server.baseUrl,
      kind: "vllm",
      version: "0.32.0",
      state: "ready",
    });
    expect(ofType("model")[0]).toMatchObject({ id: model.id, contextWindow: { value: 32_768, source: "server" } });
    expect(ofType("model_chosen")).toHaveLength(1);
  });

  test("a small window is no problem: the agent fits its history into it", async () => {
    await using small = await startFakeVllm({ config: "0.32.0/tools-hermes" });
    await run({ baseUrl: small.baseUrl });
    expect(ofType("model")[0]?.contextWindow?.value).toBeLessThan(16_000);
    expect(ofType("finding").filter(({ code }) => code.startsWith("WINDOW_"))).toEqual([]);
  });

  test("is never replaced by the embedded one", async () => {
    await server.close();
    expect((await failure({ baseUrl: server.baseUrl, startEmbedded: notStarted })).code).toBe("SERVER_UNREACHABLE");
    for (const env of [{ VLLM_BASE_URL: server.baseUrl }, { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "x" }]) {
      expect((await failure({ env, startEmbedded: notStarted })).code).toBe("SERVER_UNREACHABLE");
    }
  });

  test("a wrong key, and none", async () => {
    const wrong = await failure({ baseUrl: server.baseUrl, env: { VLLM_API_KEY: "wrong-key" } });
    expect(wrong.code).toBe("AUTHENTICATION_FAILED");
    expect(JSON.stringify(wrong) + JSON.stringify(events)).not.toContain("wrong-key");
    expect((await failure({ baseUrl: server.baseUrl })).code).toBe("AUTHENTICATION_FAILED");
  });

  test("what is no address", async () => {
    expect((await failure({ baseUrl: "not a url" })).code).toBe("CONFIG_INVALID");
  });

  test("a wrong model", async () => {
    const env = { VLLM_API_KEY: "right-key" };
    const { model } = await run({ baseUrl: server.baseUrl, env });
    const error = await failure({ baseUrl: server.baseUrl, env, model: `${model.id}x` });
    expect(error).toMatchObject({ code: "MODEL_NOT_FOUND", suggestion: model.id });
    expect(error.availableModels?.[0]).toBe(model.id);
  });
});

describe("by the rules", () => {
  test("opted in: the server of VLLM_BASE_URL is discovered", async () => {
    await run({ env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "right-key" } });
    expect(ofType("provider")[0]).toMatchObject({ source: "discovered", keySource: "VLLM_API_KEY" });
  });

  test("nothing set: discovery is off because ..., and the embedded server answers", async () => {
    const connection = await run({ startEmbedded: startEmbeddedServer });
    expect(ofType("provider")).toEqual([
      {
        type: "provider",
        source: "off",
        reason: expect.stringMatching(/^Discovery is off because VLLM_API_KEY is not set/),
      },
    ]);
    expect(ofType("embedded_server")[0]?.message).toContain("recorded bytes of a real vLLM");
    expect((await fetch(`${connection.baseUrl}/models`)).status).toBe(200);
    await connection.close();
    await expect(fetch(`${connection.baseUrl}/models`)).rejects.toThrow();
  });

  test("nothing set, and no embedded server: what to do", async () => {
    const error = await failure({});
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: "No server is named, and discovery is off." });
    expect(error.hint).toContain("--base-url");
  });

  test("VLLM_BASE_URL without a key: says that discovery is off, and uses that server", async () => {
    const keyless = await startFakeVllm();
    try {
      await run({ env: { VLLM_BASE_URL: keyless.baseUrl } });
      expect(ofType("provider")[0]?.reason).toMatch(/^Discovery is off because .* VLLM_BASE_URL names a server/);
    } finally {
      await keyless.close();
    }
  });

  test("a VLLM_BASE_URL that is no address", async () => {
    expect((await failure({ env: { VLLM_BASE_URL: "::", VLLM_API_KEY: "x" } })).code).toBe("CONFIG_INVALID");
  });
});

describe("a config", () => {
  test("an explicit provider is used as it is: not one request", async () => {
    const config = await configFile(`{
      models: { providers: { vllm: { baseUrl: "${server.baseUrl}", apiKey: "\${THE_KEY}", models: [
        { id: "a", name: "A", contextWindow: 16000, reasoning: true }, { id: "b", name: "B" } ] } } },
      agents: { defaults: { model: { primary: "vllm/b" } } },
    }`);
    const connection = await run({ configFile: config, env: { THE_KEY: "right-key" } });
    expect(server.requests).toEqual([]);
    expect(connection).toMatchObject({ isExplicit: true, apiKey: "right-key", model: { id: "b" } });
    expect(ofType("provider")[0]).toMatchObject({ source: "explicit", keySource: "models.providers.vllm.apiKey" });
    expect(ofType("model").map(({ id, contextWindow: { value, source } }) => [id, value, source])).toEqual([
      ["a", 16_000, "user"],
      ["b", 128_000, "assumed"],
    ]);
    expect(JSON.stringify(events)).not.toContain("right-key");
  });

  test("of several providers, the one of the primary model or of --model", async () => {
    const config = await configFile(`{
      models: { providers: { vllm: ${entry("one")}, "vllm-big": ${entry("two")} } },
      agents: { defaults: { model: { primary: "vllm-big/m" } } },
    }`);
    expect((await run({ configFile: config })).baseUrl).toBe("http://two.test/v1");
    expect((await run({ configFile: config, model: "vllm/m" })).baseUrl).toBe("http://one.test/v1");
  });

  test("a model that is not in it", async () => {
    const config = await configFile(`{
      models: { providers: { vllm: { baseUrl: "http://one.test", models: [{ id: "qwen3-8b", name: "Q" }] } } },
      agents: { defaults: { model: { primary: "vllm/qwen3-9b" } } },
    }`);
    expect(await failure({ configFile: config })).toMatchObject({ code: "MODEL_NOT_FOUND", suggestion: "qwen3-8b" });
  });

  test("all problems at once, each with what was received, what is accepted and where; nothing is written", async () => {
    const text = `{
      models: { providers: { vllm: {
        baseUrl: 8000,
        api: "opnai-completions",
        models: [{ id: "", name: "N", contextWindow: -5, colour: "red" }],
      } } },
    }`;
    const config = await configFile(text);
    const before = await readdir(folder);
    const { code, issues = [], message } = await failure({ configFile: config });
    expect(code).toBe("CONFIG_INVALID");
    expect(issues.map(({ path: where }) => where)).toEqual(
      expect.arrayContaining([
        "models.providers.vllm.baseUrl",
        "models.providers.vllm.api",
        "models.providers.vllm.models[0].id",
        "models.providers.vllm.models[0].contextWindow",
      ]),
    );
    expect(issues.length).toBeGreaterThanOrEqual(5);
    for (const issue of issues) {
      expect(issue).toMatchObject({
        received: expect.stringMatching(/./),
        accepted: expect.stringMatching(/./),
        line: expect.any(Number),
      });
      expect(message).toContain(issue.received);
    }
    expect(await readdir(folder)).toEqual(before);
    expect(await readFile(config, "utf8")).toBe(text);
  });

  test.each([
    ["a file that is not there", "/nowhere/c.json5", "no file"],
    ["a folder", tmpdir(), "a folder"],
  ])("%s", async (_name, file, received) => {
    const error = await failure({ configFile: file });
    expect(error).toMatchObject({ code: "CONFIG_INVALID", issues: [expect.objectContaining({ received })] });
    expect(error.message).toContain(file);
  });

  test("without a vllm provider the environment decides, and the primary model still counts", async () => {
    const { model } = await run({ baseUrl: server.baseUrl, env: { VLLM_API_KEY: "right-key" } });
    const config = await configFile(`{ agents: { defaults: { model: { primary: "vllm/${model.id}" } } } }`);
    await run({ configFile: config, env: { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "right-key" } });
    expect(ofType("model_chosen").at(-1)?.reason).toBe("agents.defaults.model.primary of the config");
  });
});

test("the person's stop ends the look", async () => {
  server.fail({ kind: "stall-before-headers", paths: /models/ });
  const controller = new AbortController();
  const looking = run({ baseUrl: server.baseUrl, signal: controller.signal }).catch((error: unknown) => error);
  await expect.poll(() => server.activeRequests).toBeGreaterThan(0);
  controller.abort();
  expect(await looking).toMatchObject({ code: "ABORTED" });
});

test("a config is read by its agent's rules: includes, the .env file, the stored key", async () => {
  const home = await mkdtemp(path.join(folder, "home-"));
  const store = path.join(home, ".coderclaw", "agents", "main", "agent");
  await mkdir(store, { recursive: true });
  await writeFile(
    path.join(store, "auth-profiles.json"),
    JSON.stringify({
      version: 1,
      profiles: { "vllm:default": { type: "api_key", provider: "vllm", key: "right-key" } },
    }),
  );
  await writeFile(path.join(home, ".coderclaw", ".env"), `VLLM_BASE_URL=${server.baseUrl}\n`);
  const config = path.join(home, ".coderclaw", "coderclaw.json");
  await writeFile(config, `{ agents: { $include: "./agents.json5" } }`);
  await writeFile(
    path.join(home, ".coderclaw", "agents.json5"),
    `{ defaults: { model: { primary: "vllm/${server.model}" } } }`,
  );
  const connection = await run({ configFile: config, env: { HOME: home } });
  expect(connection).toMatchObject({ baseUrl: server.baseUrl, apiKey: "right-key" });
  expect(events.at(-1)).toMatchObject({
    type: "model_chosen",
    id: server.model,
    reason: expect.stringContaining("primary"),
  });
  expect(events[0]).toMatchObject({ type: "provider", source: "discovered", keySource: "the agent's auth profile" });
});
