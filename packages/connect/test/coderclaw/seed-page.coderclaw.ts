import { createServer } from "node:net";
import type { FakeVllm, FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CoderClawHome, Gateway, ProviderShape } from "./coderclaw-home.ts";
import { createCoderClawHome } from "./coderclaw-home.ts";
import { openCoderClaw } from "./open-coderclaw.ts";
import { HOME_KINDS } from "@vllm-tooling/agent-homes";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { chats, inTurn, sayText } from "../written-answers.ts";

/** CoderClaw looks for models here and nowhere else, so that what listens here has to be ours. */
const DISCOVERY_PORT = 8000;
const KEY = { VLLM_API_KEY: "any-value" };

let product: string;
let home: CoderClawHome;
let gateway: Gateway | undefined;
const start = useFakeServers();

beforeAll(async () => {
  product = await openCoderClaw();
  await requireFreePort(DISCOVERY_PORT);
});

afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await home.remove();
});

function requireFreePort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () =>
      reject(new Error(`Port ${port} is in use. CoderClaw's discovery asks there: stop what listens there.`)),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}

const startServer = (options: FakeVllmOptions = {}): Promise<FakeVllm> =>
  start({ scenario: inTurn([sayText("Hello.")]), ...options });
const startAtDiscovery = (options: FakeVllmOptions = {}): Promise<FakeVllm> =>
  startServer({ port: DISCOVERY_PORT, ...options });

const asked = (server: FakeVllm): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);

async function runGateway(env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  gateway = await home.startGateway(env);
  return gateway;
}

/** What CoderClaw works with: the file that its engine reads. */
async function knownProvider(): Promise<ProviderShape | undefined> {
  const file = await home.agentFile<{ providers: Record<string, ProviderShape> }>("models.json");
  return file?.providers["vllm"];
}

/**
 * What `coderclaw models list` shows. Its first run writes models.json twice at the same time, without a lock, and may read half a file:
 * the second one has nothing to write.
 */
async function listModels(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<object[]> {
  await home.coderclaw(["models", "list", ...words, "--json"], env);
  const { stdout } = await home.coderclaw(["models", "list", ...words, "--json"], env);
  if (stdout.includes("No models found.")) return [];
  return (JSON.parse(stdout.slice(stdout.indexOf("{"))) as { models: object[] }).models;
}

const listVllm = (env: Readonly<Record<string, string>> = {}): Promise<object[]> =>
  listModels(["--all", "--provider", "vllm"], env);

async function setUp(...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await home.adapter(["setup", "--yes", ...words]);
  expect(code, stdout + stderr).toBe(0);
}

async function makeDefault(modelRef: string): Promise<void> {
  expect((await home.coderclaw(["models", "set", modelRef], KEY)).code).toBe(0);
}

/** An explicit provider, as the page shows it: JSON5 with a comment, a reference to the variable, and every field of a model. */
const explicit = (server: { baseUrl: string; model: string }): string => `{
  // my server
  models: {
    providers: {
      vllm: {
        baseUrl: '${server.baseUrl}',
        apiKey: '\${VLLM_API_KEY}',
        api: 'openai-completions',
        models: [
          {
            id: '${server.model}',
            name: 'Mine',
            reasoning: false,
            input: ['text'],
            cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
            contextWindow: 32000,
            maxTokens: 4000,
          },
        ],
      },
    },
  },
  agents: { defaults: { model: { primary: 'vllm/${server.model}' } } },
}
`;

describe.each(HOME_KINDS)("the vLLM page of CoderClaw's docs, in $kind", ({ used }) => {
  beforeEach(async () => {
    home = await createCoderClawHome(product, { used });
  });

  describe("vLLM speaks openai-completions at http://127.0.0.1:8000/v1", () => {
    test("CoderClaw alone: it is found there, and a turn is sent there", async () => {
      const server = await startAtDiscovery();
      expect(await listVllm(KEY)).toMatchObject([{ key: `vllm/${server.model}` }]);
      expect(await knownProvider()).toMatchObject({ baseUrl: server.baseUrl, api: "openai-completions" });
      await makeDefault(`vllm/${server.model}`);
      expect((await (await runGateway(KEY)).turn("Hello")).text).toBe("Hello.");
      expect(chats(server)[0]).toMatchObject({ model: server.model, stream: true });
    });

    test("with the adapter: setup without an address finds it there, stores a key, and a turn is sent there", async () => {
      const server = await startAtDiscovery();
      await setUp();
      expect((await home.config()).models?.providers?.["vllm"]).toMatchObject({
        baseUrl: "http://127.0.0.1:8000/v1",
        api: "openai-completions",
      });
      expect(await home.agentFile("auth-profiles.json")).toMatchObject({
        profiles: { "vllm:default": { type: "api_key", provider: "vllm", key: "local" } },
      });
      expect((await (await runGateway()).turn("Hello")).text).toBe("Hello.");
      expect(chats(server)[0]).toMatchObject({ model: server.model, stream: true });
    });
  });

  describe("discovery is opt-in", () => {
    test("CoderClaw alone, and with the plugin: without variable and profile nobody is asked", async () => {
      const server = await startAtDiscovery();
      expect(await listVllm()).toEqual([]);
      expect((await home.adapter(["init-plugin", "--yes"])).code).toBe(0);
      // the command itself looks whether a bridge is there
      const before = asked(server);
      expect(before).not.toContain("GET /v1/models");
      expect(await listVllm()).toEqual([]);
      await (await runGateway()).turn("Hello");
      expect(await knownProvider()).toBeUndefined();
      expect(asked(server)).toEqual(before);
    });

    test("CoderClaw alone: VLLM_API_KEY is enough, any value works; each id is an entry, with a window that is made up", async () => {
      const server = await startAtDiscovery({ config: "0.32.0/multi-name" });
      const listed = await listVllm(KEY);
      expect(asked(server)).toContain("GET /v1/models");
      const served = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
      expect(listed).toMatchObject(served.data.map(({ id }) => ({ key: `vllm/${id}` })));
      expect((await knownProvider())?.models.map(({ contextWindow }) => contextWindow)).toEqual(
        served.data.map(() => 128_000),
      );
    });

    test("CoderClaw alone: so is a stored profile, whose key is sent", async () => {
      const server = await startAtDiscovery({ apiKey: "sk-stored" });
      const profiles = { "vllm:default": { type: "api_key", provider: "vllm", key: "sk-stored" } };
      await home.writeAgentFile("auth-profiles.json", { version: 1, profiles });
      expect(await listVllm()).toMatchObject([{ key: `vllm/${server.model}` }]);
    });

    test("with the plugin: a turn of the gateway has the true window, and what vLLM accepts", async () => {
      const server = await startAtDiscovery();
      expect((await home.adapter(["init-plugin", "--yes"])).code).toBe(0);
      await makeDefault(`vllm/${server.model}`);
      expect((await (await runGateway(KEY)).turn("Hello")).text).toBe("Hello.");
      expect((await knownProvider())?.models).toMatchObject([{ id: server.model, contextWindow: 32_768 }]);
      expect(chats(server)[0]).toMatchObject({ max_tokens: expect.any(Number) });
      expect(chats(server)[0]).not.toHaveProperty("store");
    });
  });

  describe("an explicit provider skips discovery", () => {
    test("CoderClaw alone: its entry is used as it is written, and nobody is asked for models", async () => {
      const server = await startAtDiscovery();
      await home.writeConfig(explicit(server));
      const env = { VLLM_API_KEY: "sk-from-the-variable" };
      expect((await (await runGateway(env)).turn("Hello")).text).toBe("Hello.");
      expect((await knownProvider())?.models).toMatchObject([{ id: server.model, contextWindow: 32_000 }]);
      expect(new Set(asked(server))).toEqual(new Set(["POST /v1/chat/completions"]));
      expect(server.requests[0]?.headers["authorization"]).toBe("Bearer sk-from-the-variable");
    });

    test("with the adapter: setup and sync keep what the user wrote, comment and reference too", async () => {
      const server = await startServer();
      await home.writeConfig(explicit(server));
      for (const words of [["setup", "--yes"], ["sync"]]) {
        const { code, stdout, stderr } = await home.adapter(words, KEY);
        expect(code, stdout + stderr).toBe(0);
      }
      const provider = (await home.config()).models?.providers?.["vllm"];
      expect(provider).toMatchObject({ apiKey: "${VLLM_API_KEY}", baseUrl: server.baseUrl });
      expect(provider?.models).toMatchObject([
        { name: "Mine", contextWindow: 32_000, maxTokens: 4000, cost: { input: 1, output: 2 } },
      ]);
      expect((await (await runGateway(KEY)).turn("Hello")).text).toBe("Hello.");
    });
  });

  describe('agents.defaults.model.primary: "vllm/<model-id>"', () => {
    test("with the adapter: setup writes it, CoderClaw lists it as its default", async () => {
      const server = await startServer();
      await setUp("--base-url", server.baseUrl);
      expect((await home.config()).agents?.defaults?.model?.primary).toBe(`vllm/${server.model}`);
      expect(await listModels([])).toMatchObject([
        { key: `vllm/${server.model}`, available: true, tags: ["default"], contextWindow: 32_768 },
      ]);
    });
  });

  describe("failures say what to do", () => {
    test("unreachable: CoderClaw's discovery calls the model unknown; doctor names the address and the fix", async () => {
      await makeDefault("vllm/some/model");
      const { error } = await (await runGateway(KEY)).turn("Hello");
      expect(error).toContain("Unknown model: vllm/some/model");
      const { code, stdout } = await home.adapter(["doctor"], KEY);
      expect(code).not.toBe(0);
      expect(stdout).toMatch(/Nothing listens at 127\.0\.0\.1:8000.*SERVER_REFUSED\n {2}→ Start the server/);
    });

    test("unreachable, set up: CoderClaw says that the connection failed; doctor names the address and the fix", async () => {
      const server = await startServer();
      await setUp("--base-url", server.baseUrl);
      server.fail("refuse");
      const turn = await (await runGateway()).turn("Hello");
      expect(turn.text + turn.error).toMatch(/connection/i);
      const { code, stdout } = await home.adapter(["doctor"]);
      expect(code).not.toBe(0);
      expect(stdout).toMatch(/Nothing listens at 127\.0\.0\.1.*SERVER_REFUSED\n {2}→ Start the server/);
    });

    test("wrong key: CoderClaw shows the server's 401; setup and doctor ask for the right one", async () => {
      const server = await startServer({ apiKey: "sk-right" });
      const words = ["setup", "--yes", "--base-url", server.baseUrl];
      const refused = await home.adapter(words, { VLLM_API_KEY: "sk-wrong" });
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toMatch(/key/i);
      expect(refused.stdout + refused.stderr).not.toContain("sk-wrong");
      expect((await home.adapter(words, { VLLM_API_KEY: "sk-right" })).code).toBe(0);
      const { text, error } = await (await runGateway({ VLLM_API_KEY: "sk-wrong" })).turn("Hello");
      expect(text + error).toMatch(/401|Unauthorized/i);
      const doctor = await home.adapter(["doctor"], { VLLM_API_KEY: "sk-wrong" });
      expect(doctor.code).not.toBe(0);
      expect(doctor.stdout).toMatch(/VLLM_API_KEY/);
    });

    test("unknown model: CoderClaw shows the server's 404; doctor names the models that are served", async () => {
      const server = await startServer();
      await home.writeConfig(explicit({ baseUrl: server.baseUrl, model: `${server.model}-gone` }));
      const { text, error } = await (await runGateway(KEY)).turn("Hello");
      expect(text + error).toMatch(/does not exist|404/);
      const doctor = await home.adapter(["doctor"], KEY);
      expect(doctor.code).not.toBe(0);
      expect(doctor.stdout).toMatch(new RegExp(`MODEL_NOT_SERVED[\\s\\S]*${server.model}`));
    });
  });
});
