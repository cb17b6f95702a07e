import { readdir, rm, stat } from "node:fs/promises";
import { relative } from "node:path";
import JSON5 from "json5";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliHome } from "./cli-harness.ts";
import { createCliHome } from "./cli-harness.ts";
import { verifies } from "@vllm-tooling/contract";
import { coderClawConfig, HOME_KINDS, openClawConfig } from "@vllm-tooling/agent-homes";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";

let cli: CliHome;
const start = useFakeServers();

afterEach(async () => {
  await cli.remove();
});

const CONFIG = ".coderclaw/coderclaw.json";
const mine = `// my claw
{
  gateway: { auth: { token: 'gateway-secret' } }, // keep
  agents: { defaults: { workspace: "~/w", model: { fallbacks: ["a/b"] } } },
}
`;

describe.each(HOME_KINDS)("the command, in $kind", ({ used }) => {
  /** Names OpenClaw where it is not the only agent. */
  const openClaw = used ? ["--agent", "openclaw"] : [];

  beforeEach(async () => {
    cli = await createCliHome({ used });
  });

  describe("setup --yes", () => {
    test("from nothing: writes a configuration the agent accepts, and the key where the agent keeps it", async () => {
      const server = await start();
      const { code, stdout } = await cli.run(["setup", "--yes", "--base-url", server.serverRoot]);
      expect(code).toBe(0);
      expect(stdout).toContain(`✔ The default model is vllm/${server.model}.`);
      const config = JSON5.parse(await cli.read(CONFIG));
      coderClawConfig.parse(config);
      expect(config).toMatchObject({
        models: { mode: "merge", providers: { vllm: { baseUrl: server.baseUrl, apiKey: "VLLM_API_KEY" } } },
        agents: { defaults: { model: { primary: `vllm/${server.model}` } } },
      });
      expect(JSON.parse(await cli.read(".coderclaw/agents/main/agent/auth-profiles.json"))).toMatchObject({
        profiles: { "vllm:default": { key: "local" } },
      });
      expect((await stat(cli.path(CONFIG))).mode & 0o777).toBe(0o600);
    });

    test("an auth.json that the engine left empty is no obstacle; logins in it are one, and nothing is written", async () => {
      const server = await start();
      const words = ["setup", "--yes", "--base-url", server.baseUrl];
      const [auth, store] = ["auth.json", "auth-profiles.json"].map((name) => `.coderclaw/agents/main/agent/${name}`);
      await cli.write(auth as string, '{"anthropic":{"type":"api_key","key":"sk-ant"}}');
      const before = await cli.files();
      const refused = await cli.run(words);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/has not migrated yet.*Run `coderclaw models status` once/s);
      expect(await cli.files()).toEqual(before);
      await cli.write(auth as string, "{}");
      expect((await cli.run(words)).code).toBe(0);
      expect(await cli.read(store as string)).toContain('"key": "local"');
      expect(await cli.read(auth as string)).toBe("{}");
    });

    test("CODERCLAW_OAUTH_DIR is where old OAuth logins are looked for", async () => {
      const server = await start();
      await cli.write("logins/oauth.json", '{"anthropic":{"access":"a"}}');
      const words = ["setup", "--yes", "--base-url", server.baseUrl];
      expect((await cli.run(words, { CODERCLAW_OAUTH_DIR: "~/logins" })).stderr).toContain(
        cli.path("logins/oauth.json"),
      );
      expect((await cli.run(words)).code).toBe(0);
    });

    verifies(
      ["agent/coderclaw/user-values-kept", "agent/coderclaw/unchanged-not-written"],
      "setup, and setup again",
      async () => {
        const server = await start();
        await cli.write(CONFIG, mine);
        expect((await cli.run(["setup", "--yes", "--base-url", server.baseUrl])).code).toBe(0);
        const text = await cli.read(CONFIG);
        expect(text).toContain("// my claw");
        expect(text).toContain("gateway: { auth: { token: 'gateway-secret' } }, // keep");
        expect(JSON5.parse(text)).toMatchObject({
          agents: { defaults: { workspace: "~/w", model: { primary: `vllm/${server.model}`, fallbacks: ["a/b"] } } },
        });
        const before = await readdir(cli.path(".coderclaw"));
        expect((await cli.run(["setup", "--yes"])).stdout).toContain("says all of it already");
        expect(await readdir(cli.path(".coderclaw"))).toEqual(before);
        expect(await cli.read(CONFIG)).toBe(text);
      },
    );

    verifies("agent/coderclaw/variables-kept", "set or not", async () => {
      const server = await start();
      const lines = [
        "  // ${VLLM_API_KEY} in a comment",
        '  env: { vars: { TOKEN_COPY: "${TOKEN}" } },',
        "  channels: { chat: { token: '${TOKEN}', note: '$${LIT} $NAME ${lower} ${X:-d}', url: \"https://${UNSET}/x\" } },",
      ];
      await cli.write(CONFIG, `{\n${lines.join("\n")}\n}\n`);
      expect((await cli.run(["setup", "--yes", "--base-url", server.baseUrl], { TOKEN: "t0ken" })).code).toBe(1);
      const text = await cli.read(CONFIG);
      expect(text.split("\n").slice(1, 4)).toEqual(lines);
      expect(text).not.toContain("t0ken");
    });

    verifies.each(
      "agent/coderclaw/key-not-in-config",
      [
        ["coderclaw", CONFIG, "VLLM_API_KEY"],
        ["openclaw", ".openclaw/openclaw.json", "${VLLM_GPU1_API_KEY}"],
      ],
      async ([agent, file, further]) => {
        const server = await start({ apiKey: "sk-secret-key" });
        const words = ["setup", "--yes", "--agent", agent, "--base-url", server.baseUrl];
        const keys = { VLLM_API_KEY: "sk-secret-key", VLLM_GPU1_API_KEY: "sk-secret-key" };
        expect((await cli.run(words, keys)).code).toBe(0);
        expect((await cli.run([...words, "--provider", "vllm-gpu1"], keys)).code).toBe(0);
        const text = await cli.read(file);
        expect(text).not.toContain("sk-secret-key");
        const { providers } = JSON5.parse(text).models;
        expect([providers.vllm.apiKey, providers["vllm-gpu1"].apiKey]).toEqual(["VLLM_API_KEY", further]);
        if (agent === "openclaw") return;
        // CoderClaw knows no variable for a further server, so that its key is stored where the agent keeps keys.
        expect(JSON.parse(await cli.read(".coderclaw/agents/main/agent/auth-profiles.json")).profiles).toEqual({
          "vllm-gpu1:default": { type: "api_key", provider: "vllm-gpu1", key: "sk-secret-key" },
        });
      },
    );

    test("a further server does not take the default, unless a model is named", async () => {
      const server = await start();
      const further = ["setup", "--yes", "--provider", "vllm-gpu1", "--base-url", server.baseUrl];
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const { stdout } = await cli.run(further);
      expect(stdout).toContain(`vllm-connect setup --provider vllm-gpu1 --model ${server.model}`);
      const primary = async (): Promise<string> => JSON5.parse(await cli.read(CONFIG)).agents.defaults.model.primary;
      expect(await primary()).toBe(`vllm/${server.model}`);
      await cli.run([...further, "--model", server.model]);
      expect(await primary()).toBe(`vllm-gpu1/${server.model}`);
    });

    test("no secret in the diff, in the JSON, or in an error", async () => {
      const server = await start({ apiKey: "sk-secret-key" });
      await cli.write(CONFIG, mine);
      const env = { VLLM_API_KEY: "sk-secret-key" };
      const words = ["setup", "--dry-run", "--base-url", server.baseUrl];
      const texts = [
        await cli.run(words, env),
        await cli.run([...words, "--json"], env),
        await cli.run(words, { VLLM_API_KEY: "sk-wrong" }),
      ];
      for (const { stdout, stderr } of texts)
        expect(stdout + stderr).not.toMatch(/sk-secret-key|sk-wrong|gateway-secret/);
      expect(texts[0]?.stdout).toContain("•••");
    });

    test("--dry-run writes nothing", async () => {
      const server = await start();
      const before = await cli.files();
      const { code, stdout } = await cli.run(["setup", "--dry-run", "--base-url", server.baseUrl]);
      expect(code).toBe(0);
      expect(stdout).toContain('+        "baseUrl"');
      expect(stdout).toContain("Dry run: nothing was written.");
      expect(await cli.files()).toEqual(before);
    });

    test("a server that wants a key: VLLM_API_KEY is used, not stored", async () => {
      const server = await start({ apiKey: "sk-right" });
      const words = ["setup", "--yes", "--base-url", server.baseUrl];
      const before = await cli.files();
      expect((await cli.run(words)).code).toBe(1);
      expect((await cli.run(words)).stdout).toContain("requires an API key");
      const { code, stdout } = await cli.run(words, { VLLM_API_KEY: "sk-right" });
      expect(code).toBe(0);
      expect(stdout).toContain("The key comes from VLLM_API_KEY");
      const made = Object.keys(await cli.files()).filter((path) => !(path in before));
      expect(made.filter((path) => path.includes("/agents/"))).toEqual([]);
    });

    test("--store-key: a key of this shell is stored where each agent keeps keys, and is in no configuration", async () => {
      const server = await start({ apiKey: "sk-right" });
      const key = { VLLM_API_KEY: "sk-right" };
      for (const [agent, file, place, text] of [
        ["coderclaw", CONFIG, ".coderclaw/agents/main/agent/auth-profiles.json", '"key": "sk-right"'],
        ["openclaw", ".openclaw/openclaw.json", ".openclaw/.env", "VLLM_API_KEY=sk-right\n"],
      ] as const) {
        const words = ["setup", "--yes", "--agent", agent, "--base-url", server.baseUrl];
        expect((await cli.run(words, key)).stdout).toContain(`vllm-connect setup --agent ${agent} --store-key`);
        await expect(stat(cli.path(place))).rejects.toThrow("ENOENT");
        const { stdout } = await cli.run([...words, "--store-key"], key);
        expect(stdout).toContain(`✔ The key is stored in ~/${relative(cli.home, cli.path(place))}.`);
        expect(stdout).not.toContain("sk-right");
        expect(await cli.read(place)).toContain(text);
        expect(await cli.read(file)).not.toContain("sk-right");
        // The shell's variable is not needed any more.
        expect((await cli.run(["doctor", "--agent", agent])).code).toBe(0);
        const before = await stat(cli.path(place));
        expect((await cli.run([...words, "--store-key"], key)).code).toBe(0);
        expect((await stat(cli.path(place))).ino).toBe(before.ino);
      }
    });

    test.each(["${MY_KEY}", "sk-right"])(
      "--store-key: CoderClaw's configuration refers to %s no longer, which a service may not have or which is the key",
      async (apiKey) => {
        const server = await start({ apiKey: "sk-right" });
        const provider = { baseUrl: server.baseUrl, apiKey, models: [] };
        await cli.write(CONFIG, JSON.stringify({ models: { providers: { vllm: provider } } }));
        expect((await cli.run(["setup", "--yes", "--store-key"], { MY_KEY: "sk-right" })).code).toBe(0);
        expect(JSON5.parse(await cli.read(CONFIG)).models.providers.vllm.apiKey).toBe("VLLM_API_KEY");
        expect((await cli.run(["doctor"])).code).toBe(0);
      },
    );

    test("--store-key: OpenClaw's key goes into the variable that its configuration names", async () => {
      const server = await start({ apiKey: "sk-right" });
      const provider = { baseUrl: server.baseUrl, apiKey: "${MY_KEY}", models: [] };
      await cli.write(".openclaw/openclaw.json", JSON.stringify({ models: { providers: { vllm: provider } } }));
      const words = ["setup", "--yes", "--agent", "openclaw", "--provider", "vllm", "--store-key"];
      expect((await cli.run(words, { MY_KEY: "sk-right" })).code).toBe(0);
      expect(await cli.read(".openclaw/.env")).toBe("MY_KEY=sk-right\n");
      expect((await cli.run(["doctor", "--agent", "openclaw"])).code).toBe(0);
    });

    test("--store-key without a key: what setup does without it", async () => {
      const server = await start();
      expect((await cli.run(["setup", "--yes", "--store-key", "--base-url", server.baseUrl])).code).toBe(0);
      expect(await cli.read(".coderclaw/agents/main/agent/auth-profiles.json")).toContain('"key": "local"');
    });

    test("a further server's model joins the list of allowed models, so that /model takes it", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const config = JSON5.parse(await cli.read(CONFIG));
      config.agents.defaults.models = { [`vllm/${server.model}`]: {} };
      await cli.write(CONFIG, JSON.stringify(config));
      await cli.run(["setup", "--yes", "--provider", "vllm-gpu1", "--base-url", server.baseUrl]);
      const { agents } = JSON5.parse(await cli.read(CONFIG));
      expect(Object.keys(agents.defaults.models)).toEqual([`vllm/${server.model}`, `vllm-gpu1/${server.model}`]);
      expect(agents.defaults.model.primary).toBe(`vllm/${server.model}`);
    });

    test("CoderClaw, a stored key that is refused: VLLM_API_KEY takes its place, without a terminal, too", async () => {
      const server = await start({ apiKey: "sk-new" });
      const store = ".coderclaw/agents/main/agent/auth-profiles.json";
      const old = { type: "api_key", provider: "vllm", key: "sk-old" };
      await cli.write(store, JSON.stringify({ version: 1, profiles: { "vllm:default": old } }));
      const words = ["setup", "--yes", "--base-url", server.baseUrl];
      expect((await cli.run(words)).stdout).toContain("Without a terminal: set VLLM_API_KEY to it and add --yes.");
      expect((await cli.run(words, { VLLM_API_KEY: "sk-wrong" })).code).toBe(1);
      expect(await cli.read(store)).toContain("sk-old");
      expect((await cli.run(words, { VLLM_API_KEY: "sk-new" })).code).toBe(0);
      expect(JSON.parse(await cli.read(store)).profiles["vllm:default"].key).toBe("sk-new");
      expect((await cli.run(["doctor"])).code).toBe(0);
    });

    test("a model that the agent refuses to run: written, said once, and ends with 1", async () => {
      const server = await start({ config: "0.24.0/small" });
      const { code, stdout } = await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect(code).toBe(1);
      expect(stdout.match(/WINDOW_/g)).toHaveLength(1);
      expect(stdout).toContain("✖ It will not work yet");
      // There is nothing to go back to when the file is new.
      expect(stdout.includes("undo")).toBe(used);
    });

    verifies("agent/openclaw/address-is-enough", "`setup --yes` reads VLLM_BASE_URL", async () => {
      const server = await start();
      expect((await cli.run(["setup", "--yes"], { VLLM_BASE_URL: server.baseUrl })).code).toBe(0);
      expect(await cli.read(CONFIG)).toContain(server.baseUrl);
    });

    test("--model: with or without the provider in front; an unknown one is a usage error with the nearest", async () => {
      const server = await start({ config: "0.32.0/multi-name" });
      const served = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
      const second = served.data[1]?.id as string;
      const words = ["setup", "--yes", "--base-url", server.baseUrl, "--model"];
      // Its window is too small for the agent, which is a problem of its own.
      expect((await cli.run([...words, `vllm/${second}`])).code).toBe(1);
      expect(await cli.read(CONFIG)).toContain(`"primary": "vllm/${second}"`);
      const wrong = await cli.run([...words, `${second}x`]);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain(`Did you mean --model ${second}?`);
    });

    verifies(["agent/openclaw/setup-server-down", "agent/openclaw/server-down"], "`setup` ends with 3", async () => {
      const server = await start({ fail: "refuse" });
      const before = await cli.files();
      const { code, stdout } = await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect(code).toBe(3);
      expect(stdout).toContain("the connection was refused");
      expect(stdout).toContain("→ Start the server");
      expect(await cli.files()).toEqual(before);
    });

    verifies("agent/coderclaw/invalid-config-untouched", "`setup` ends with 2", async () => {
      const server = await start();
      await cli.write(CONFIG, "{ models: { providers: { vllm: {} } } }");
      const { code, stderr } = await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect(code).toBe(2);
      expect(stderr).toContain("models.providers.vllm.baseUrl");
      expect(await cli.read(CONFIG)).toBe("{ models: { providers: { vllm: {} } } }");
    });

    verifies("agent/coderclaw/include-doubles-models", "`setup` ends with 2", async () => {
      const server = await start();
      await cli.write(CONFIG, `{ models: { $include: "./models.json5" } }`);
      await cli.write(
        ".coderclaw/models.json5",
        `{ providers: { vllm: { baseUrl: "${server.baseUrl}", models: [] } } }`,
      );
      const { code, stderr } = await cli.run(["setup", "--yes"]);
      expect(code).toBe(2);
      expect(stderr).toContain("models.json5 through an $include");
      expect((await cli.run(["setup", "--yes", "--provider", "vllm-2", "--base-url", server.baseUrl])).code).toBe(0);
    });

    verifies("agent/coderclaw/further-servers", "`setup --provider`", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect((await cli.run(["setup", "--yes", "--provider", "vllm-gpu1", "--base-url", server.baseUrl])).code).toBe(0);
      expect(Object.keys(JSON5.parse(await cli.read(CONFIG)).models.providers)).toEqual(["vllm", "vllm-gpu1"]);
      const wrong = await cli.run(["setup", "--yes", "--provider", "qwen"]);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('"vllm-qwen"')]);
    });

    verifies(["agent/openclaw/keyless", "agent/openclaw/true-window"], "`setup --yes`", async () => {
      const server = await start();
      await cli.write(".openclaw/openclaw.json", `{ "agents": { "defaults": { "model": "x/y" } } }`);
      const { code } = await cli.run(["setup", "--yes", "--base-url", server.baseUrl, ...openClaw]);
      expect(code).toBe(0);
      const config = JSON5.parse(await cli.read(".openclaw/openclaw.json"));
      openClawConfig.parse(config);
      expect(config.agents.defaults.model).toBe(`vllm/${server.model}`);
      expect(config.models.providers.vllm).not.toHaveProperty("apiKey");
      await expect(stat(cli.path(".openclaw/.env"))).rejects.toThrow("ENOENT");
    });

    verifies("agent/openclaw/smallest-window", "`setup` and `doctor` name OpenClaw, not CoderClaw", async () => {
      const server = await start({ config: "0.24.0/small" });
      for (const words of [["setup", "--yes", "--base-url", server.baseUrl], ["doctor"]]) {
        const { code, stdout } = await cli.run([...words, "--agent", "openclaw"]);
        expect(code).toBe(1);
        expect(stdout).toContain("of which the agent plans with 3686, and OpenClaw refuses to run below 4000");
        expect(stdout).not.toContain("CoderClaw");
      }
    });

    test("a read-only OpenClaw is told so, and --dry-run still shows the change", async () => {
      const server = await start();
      const env = { OPENCLAW_CONFIG_READONLY: "1" };
      await cli.use("openclaw");
      const before = await cli.files();
      const { code, stderr } = await cli.run(
        ["setup", "--yes", "--agent", "openclaw", "--base-url", server.baseUrl],
        env,
      );
      expect([code, stderr]).toEqual([2, expect.stringContaining("OPENCLAW_CONFIG_READONLY=1 is set")]);
      const words = ["setup", "--dry-run", "--agent", "openclaw", "--base-url", server.baseUrl];
      const dry = await cli.run(words, env);
      expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining(`+        "baseUrl": "${server.baseUrl}"`)]);
      expect(await cli.files()).toEqual(before);
    });

    test.each([["sync"], ["undo"], ["init-plugin"]])(
      "a read-only OpenClaw is not changed by %s either",
      async (command) => {
        const server = await start();
        const file = ".openclaw/openclaw.json";
        await cli.use("openclaw");
        await cli.write(file, `{ models: { providers: { vllm: { baseUrl: "${server.baseUrl}", models: [] } } } }`);
        await cli.write(`${file}.bak`, "{}");
        const before = await cli.files();
        const { code, stderr } = await cli.run([command, "--yes", ...openClaw], { OPENCLAW_NIX_MODE: "1" });
        expect([code, stderr]).toEqual([2, expect.stringContaining("managed by Nix")]);
        expect(await cli.files()).toEqual(before);
      },
    );

    test("OpenClaw with our plugin: its provider is meant when none is named; without it the plugin is named", async () => {
      const server = await start();
      const file = ".openclaw/openclaw.json";
      const words = ["setup", "--yes", "--agent", "openclaw", "--base-url", server.baseUrl];
      expect((await cli.run(words)).stdout).toContain("vllm-connect init-plugin --agent openclaw");
      await cli.write(file, "{ plugins: { entries: { 'coderclaw-adapter': { enabled: true } } } }");
      const { stdout } = await cli.run(words);
      expect(stdout).toContain(`The default model is vllm-plus/${server.model}.`);
      expect(stdout).not.toContain("init-plugin");
      expect(Object.keys(JSON5.parse(await cli.read(file)).models.providers)).toEqual(["vllm-plus"]);
    });

    test("nobody to ask and no --yes", async () => {
      const { code, stderr } = await cli.run(["setup"]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("Add --yes")]);
    });

    test("--json is one document", async () => {
      const server = await start();
      const { stdout, json } = await cli.run(["setup", "--yes", "--json", "--base-url", server.baseUrl]);
      expect(json()).toMatchObject({
        command: "setup",
        ok: true,
        agent: "coderclaw",
        changed: true,
        defaultModel: `vllm/${server.model}`,
        models: [{ id: server.model, entry: { id: server.model }, reasons: expect.any(Array) }],
      });
      expect(stdout).not.toContain("\u001b");
    });
  });

  describe("sync", () => {
    verifies(["agent/coderclaw/user-values-kept", "agent/coderclaw/invented-windows"], "`sync`", async () => {
      const server = await start();
      const before = `{
  models: {
    providers: {
      vllm: {
        baseUrl: "${server.baseUrl}", // the GPU in the cellar
        apiKey: "VLLM_API_KEY",
        models: [
          // my favourite
          { id: "${server.model}", name: "Mine", contextWindow: 200000, cost: { input: 1, output: 1 } },
          { id: "gone", name: "Gone" },
        ],
      },
    },
  },
  agents: { defaults: { models: { "vllm/${server.model}": { alias: "fav", params: { temperature: 0 } } } } },
}
`;
      await cli.write(CONFIG, before);
      const { code, stdout } = await cli.run(["sync"], { VLLM_API_KEY: "k" });
      expect(code).toBe(0);
      expect(stdout).toContain("gone is configured, but not served at the moment; it stays.");
      const text = await cli.read(CONFIG);
      for (const line of before.split("\n").filter((line) => !line.includes("favourite") && !line.includes("200000")))
        expect(text).toContain(line);
      const [model] = JSON5.parse(text).models.providers.vllm.models;
      expect(model).toMatchObject({ name: "Mine", cost: { input: 1, output: 1 } });
      expect(model.contextWindow).not.toBe(200_000);
      expect((await cli.run(["sync"], { VLLM_API_KEY: "k" })).stdout).toContain("says all of it already");
    });

    verifies("agent/coderclaw/last-good-models", "`sync` ends with 3", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const text = await cli.read(CONFIG);
      await server.close();
      const { code, stdout } = await cli.run(["sync"]);
      expect(code).toBe(3);
      expect(stdout).toContain("stay as they are");
      expect(await cli.read(CONFIG)).toBe(text);
    });

    test("a window that the user sets after setup stays theirs", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const text = (await cli.read(CONFIG)).replace(/"contextWindow": \d+/, '"contextWindow": 20000');
      await cli.write(CONFIG, text);
      const { json } = await cli.run(["sync", "--json"]);
      expect(json<{ providers: { kept: object[] }[] }>().providers[0]?.kept).toMatchObject([
        { field: "contextWindow", kept: 20_000 },
      ]);
      expect(await cli.read(CONFIG)).toBe(text);
    });

    test("without a configured server it says what to do", async () => {
      const { code, stderr } = await cli.run(["sync"]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("vllm-connect setup\n")]);
      const further = await cli.run(["sync", "--provider", "vllm-b"]);
      expect([further.code, further.stderr]).toEqual([
        2,
        expect.stringContaining("vllm-connect setup --provider vllm-b"),
      ]);
    });

    test("--dry-run shows the difference and writes nothing", async () => {
      const server = await start();
      const text = `{ models: { providers: { vllm: { baseUrl: "${server.baseUrl}", models: [] } } } }`;
      await cli.write(CONFIG, text);
      const { stdout } = await cli.run(["sync", "--dry-run"]);
      expect(stdout).toContain(server.model);
      expect(await cli.read(CONFIG)).toBe(text);
    });
  });

  describe("doctor", () => {
    const configured = (baseUrl: string, window: number, model: string): string =>
      JSON.stringify({
        models: {
          providers: {
            vllm: { baseUrl, apiKey: "VLLM_API_KEY", models: [{ id: model, name: model, contextWindow: window }] },
          },
        },
        agents: { defaults: { model: { primary: `vllm/${model}` } } },
      });

    test("after setup nothing is wrong", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const { code, stdout } = await cli.run(["doctor"]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("✔ Nothing wrong was found.")]);
      expect(stdout).toMatch(/Tools were not tried.*\n {2}vllm-connect doctor --active\n$/);
      expect(stdout).not.toContain("vllm serve");
    });

    test("the command that tries the tools is about the server that was named, and holds no password", async () => {
      const server = await start();
      const withPassword = server.baseUrl.replace("://", "://me:secret@");
      for (const baseUrl of [server.baseUrl, withPassword]) {
        const { stdout } = await cli.run(["doctor", "--base-url", baseUrl]);
        expect(stdout).toContain(`vllm-connect doctor --active --base-url ${server.baseUrl}\n`);
        expect(stdout).not.toContain("secret");
      }
    });

    test("server off: 3, with the address and what to do", async () => {
      const server = await start({ fail: "refuse" });
      await cli.write(CONFIG, configured(server.baseUrl, 131_072, "m"));
      const { code, stdout } = await cli.run(["doctor"], { VLLM_API_KEY: "k" });
      expect(code).toBe(3);
      expect(stdout).toContain(`No server at ${server.baseUrl}`);
    });

    test("wrong key: 1, and the key is not shown", async () => {
      const server = await start({ apiKey: "sk-right" });
      await cli.write(CONFIG, configured(server.baseUrl, 131_072, "m"));
      const { code, stdout } = await cli.run(["doctor"], { VLLM_API_KEY: "sk-wrong" });
      expect(code).toBe(1);
      expect(stdout).toContain("KEY_WRONG");
      expect(stdout).not.toContain("sk-wrong");
    });

    test("a window of 4096 tokens: the agent refuses it", async () => {
      const server = await start({ config: "0.24.0/small" });
      await cli.write(CONFIG, configured(server.baseUrl, 128_000, server.model));
      const { code, stdout } = await cli.run(["doctor"], { VLLM_API_KEY: "k" });
      expect(code).toBe(1);
      expect(stdout).toContain("(the configuration says 128000), and CoderClaw refuses to run below 16000");
      expect(stdout).toMatch(/\n {2}vllm serve .*--max-model-len 32768/);
      expect(stdout).not.toContain("WINDOW_TOO_SMALL");
    });

    test("a window of 4096 tokens that OpenClaw has not configured yet: judged by OpenClaw's numbers", async () => {
      const server = await start({ config: "0.24.0/small" });
      const models = [{ id: "m", name: "m" }];
      const provider = { baseUrl: server.baseUrl, api: "openai-completions", apiKey: "VLLM_API_KEY", models };
      await cli.write(".openclaw/openclaw.json", JSON.stringify({ models: { providers: { vllm: provider } } }));
      const { json } = await cli.run(["doctor", "--agent", "openclaw", "--json"], { VLLM_API_KEY: "k" });
      const { servers } = json<{ servers: { findings: { code: string; message: string }[] }[] }>();
      expect(
        servers[0]?.findings.filter(({ code }) => code.startsWith("WINDOW_")).map(({ message }) => message),
      ).toEqual([
        `${server.model} has a window of 4096 tokens: OpenClaw refuses to run below 4445, and its own prompt takes about 10000.`,
      ]);
    });

    verifies("agent/openclaw/tool-parser-missing", "`doctor --active` has the flags to copy", async () => {
      const server = await start({ config: "0.32.0/no-tool-parser" });
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const { code, stdout } = await cli.run(["doctor", "--active"]);
      expect(code).toBe(1);
      expect(stdout).toContain("TOOL_PARSER_MISSING");
      expect(stdout).toMatch(/vllm serve .*--enable-auto-tool-choice --tool-call-parser/s);
    });

    test("a configuration that CoderClaw ignores: said first, before any tick, and once", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const text = await cli.read(CONFIG);
      await cli.write(CONFIG, text.replace("{", '{ "channels": { "chat": { "token": "${CHAT_TOKEN}" } }, '));
      const { code, stdout } = await cli.run(["doctor"]);
      expect(code).toBe(1);
      expect(stdout.match(/VARIABLE_MISSING/g)).toHaveLength(1);
      expect(stdout.slice(0, stdout.indexOf("VARIABLE_MISSING"))).not.toContain("✔");
      expect(stdout.indexOf("VARIABLE_MISSING")).toBeLessThan(stdout.indexOf(server.baseUrl));
      expect(stdout).toContain("✖ 1 error");
    });

    test("knows the plugin and the gateway's service, in words and as data", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect((await cli.run(["doctor"])).stdout).toContain("  plugin: not installed\n");
      const folder = ".coderclaw/extensions/coderclaw-adapter";
      const unit = ".config/systemd/user/coderclaw-gateway.service";
      await cli.write(`${folder}/coderclaw.plugin.json`, "{}");
      await cli.write(unit, "[Service]\nEnvironment=HOME=/h\n");
      await cli.write(".coderclaw/.env", "VLLM_API_KEY=k\n");
      const { code, stdout } = await cli.run(["doctor"], { VLLM_API_KEY: "k" });
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining(`  plugin: ~/${folder}\n  gateway service: ~/${unit}\n`),
      ]);
      const data = (await cli.run(["doctor", "--json"])).json();
      expect(data).toMatchObject({ plugin: { folder: cli.path(folder) }, gatewayService: cli.path(unit) });
    });

    test("a key that the gateway's service does not have is an error, until it is stored", async () => {
      const server = await start({ apiKey: "sk-right" });
      const env = { VLLM_API_KEY: "sk-right" };
      await cli.write(".config/systemd/user/coderclaw-gateway.service", "[Service]\nEnvironment=HOME=/h\n");
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl], env);
      const before = await cli.run(["doctor"], env);
      expect(before.code).toBe(1);
      expect(before.stdout).toMatch(
        /✖ VLLM_API_KEY is set in this shell, but not for.*→ vllm-connect setup --store-key/s,
      );
      await cli.run(["setup", "--yes", "--store-key"], env);
      expect((await cli.run(["doctor"], env)).code).toBe(0);
      expect((await cli.run(["doctor"])).code).toBe(0);
    });

    test("a server that is not configured any more and that CoderClaw keeps", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const old = { baseUrl: "http://old:8000/v1", apiKey: "sk-old", models: [] };
      const models = JSON.stringify({ providers: { vllm: {}, "vllm-old": old } });
      await cli.write(".coderclaw/agents/main/agent/models.json", models);
      const { code, stdout } = await cli.run(["doctor"]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/still has the provider vllm-old at\s+http:\/\/old:8000\/v1/);
      expect(stdout).not.toContain("sk-old");
    });

    test("an engine that is dead although the server answers", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      server.fail({ kind: "engine-dies" });
      await fetch(`${server.baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: server.model, messages: [{ role: "user", content: "Hello" }] }),
      }).then((response) => response.text());
      const { code, stdout } = await cli.run(["doctor"]);
      expect(code).toBe(1);
      expect(stdout).toContain("ENGINE_DEAD");
    });

    test("a configuration that the agent would refuse: 2, every problem named", async () => {
      await cli.write(CONFIG, "{ models: { providers: { vllm: { models: [{ id: '' }] } } } }");
      const { code, stderr } = await cli.run(["doctor"]);
      expect(code).toBe(2);
      expect(stderr).toContain("baseUrl");
      expect(stderr).toContain("models[0].id");
    });

    test("--json holds findings as data", async () => {
      const server = await start();
      await cli.write(CONFIG, configured(server.baseUrl, 500_000, server.model));
      const { json } = await cli.run(["doctor", "--json"], { VLLM_API_KEY: "k" });
      const { ok, servers } = json<{ ok: boolean; servers: { findings: { code: string }[] }[] }>();
      expect(ok).toBe(false);
      expect(servers[0]?.findings.map((finding) => finding.code)).toContain("WINDOW_TOO_LARGE_IN_CONFIG");
    });
  });

  describe("models, where, undo", () => {
    test("models shows every value with its source", async () => {
      const server = await start();
      const { code, stdout } = await cli.run(["models", "--base-url", server.baseUrl]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/contextWindow\s+\d+\s+server\s+max_model_len of \/v1\/models/);
      expect(stdout).toMatch(/maxTokens\s+\d+\s+assumed/);
    });

    test("models of an id that is not served ends with 1 and names the served ones", async () => {
      const server = await start();
      const { code, stdout } = await cli.run(["models", "nope", "--base-url", server.baseUrl]);
      expect([code, stdout]).toEqual([1, expect.stringContaining(`Served: ${server.model}`)]);
    });

    test("models of a server that is off: 3, and why, also as data", async () => {
      const server = await start({ fail: "refuse" });
      const { code, json } = await cli.run(["models", "--json", "--base-url", server.baseUrl]);
      expect(code).toBe(3);
      expect(json()).toMatchObject({ ok: false, servers: [{ findings: [{ code: "SERVER_REFUSED" }] }] });
    });

    test("doctor --matrix: what fails in the table is a problem, and counted", async () => {
      const server = await start();
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const words = ["doctor", "--matrix", cli.path("table.md")];
      const { code, stdout } = await cli.run(words);
      const failing = stdout.match(/ {2}fails {2}/g)?.length;
      expect([code, stdout]).toEqual([1, expect.stringContaining(`▲ ${failing} of the table fail`)]);
      expect(stdout).not.toContain("Nothing wrong");
      expect(await cli.read("table.md")).toContain("| structured output | fails |");
    });

    test("Ctrl-C in the middle of the matrix: 130, and no table", async () => {
      const server = await start();
      const interruption = new AbortController();
      const words = ["doctor", "--matrix", cli.path("table.md"), "--base-url", server.baseUrl];
      const before = await cli.files();
      const { code, stderr } = await cli.run(
        words,
        {},
        {
          signal: interruption.signal,
          fetch: (input, init) => {
            if (String(init?.body).includes("add_event")) interruption.abort();
            return fetch(input, init);
          },
        },
      );
      expect([code, stderr]).toEqual([130, "✖ Stopped.\n  → Run the command again.\n"]);
      expect(await cli.files()).toEqual(before);
    });

    test("doctor --matrix without a server that answers says that there is no table", async () => {
      const words = ["doctor", "--matrix", cli.path("table.md"), "--base-url", "http://127.0.0.1:9/v1"];
      const before = await cli.files();
      const { code, stdout } = await cli.run(words);
      expect([code, stdout]).toEqual([3, expect.stringContaining("No table was made")]);
      expect(await cli.files()).toEqual(before);
    });

    test("models of an id that one of two servers serves is found", async () => {
      const [one, two] = [await start(), await start({ config: "0.32.0/multi-name" })];
      await cli.run(["setup", "--yes", "--base-url", one.baseUrl]);
      await cli.run(["setup", "--yes", "--provider", "vllm-b", "--base-url", two.baseUrl]);
      const { code, json } = await cli.run(["models", one.model, "--json"]);
      expect(code).toBe(0);
      const { servers } = json<{ servers: { models: { id: string }[] }[] }>();
      expect(servers.map(({ models }) => models.map(({ id }) => id))).toEqual([[one.model], []]);
    });

    test("where reads no configuration, so that a broken one can be found", async () => {
      await cli.write(CONFIG, "{ broken");
      const { code, stdout } = await cli.run(["where"]);
      expect([code, stdout]).toEqual([0, expect.stringContaining(cli.path(CONFIG))]);
      expect((await cli.run(["where", "--json"])).json()).toMatchObject({ agent: "coderclaw", exists: true });
    });

    test("undo brings the file back, byte for byte", async () => {
      const server = await start();
      await cli.write(CONFIG, mine);
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const { code, stdout } = await cli.run(["undo"]);
      expect(code).toBe(0);
      expect(await cli.read(CONFIG)).toBe(mine);
      expect(stdout).not.toContain("gateway-secret");
      expect((await cli.run(["undo", "--dry-run"])).stdout).toContain("Nothing was written.");
      expect(await cli.read(CONFIG)).toBe(mine);
    });

    test("undo of a first setup removes what it made, and says what stays", async () => {
      const server = await start();
      const before = await cli.files();
      // A home that was used has a configuration already: then there is a backup.
      if (Object.keys(before).some((path) => path.endsWith("coderclaw.json"))) return;
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      const dry = await cli.run(["undo", "--dry-run"]);
      expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("Nothing was removed.")]);
      const { code, stdout } = await cli.run(["undo"]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("✔ Removed ~/.coderclaw/coderclaw.json")]);
      expect(stdout).toContain("auth-profiles.json stays: the key is in it.");
      const left = Object.keys(await cli.files()).filter((path) => !(path in before));
      expect(left).toEqual([cli.path(".coderclaw/agents/main/agent/auth-profiles.json")]);
    });

    test("undo of a first setup leaves a file that was changed since", async () => {
      const server = await start();
      if (Object.keys(await cli.files()).some((path) => path.endsWith("coderclaw.json"))) return;
      await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      await cli.write(CONFIG, `${await cli.read(CONFIG)}// mine\n`);
      const { code, stderr } = await cli.run(["undo"]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("There is no backup")]);
      expect(await cli.read(CONFIG)).toContain("// mine");
    });

    test("undo without a backup says so", async () => {
      const { code, stderr } = await cli.run(["undo"]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("There is no backup")]);
    });
  });

  describe("the command line", () => {
    test.each([
      [["bogus"], "✖ Unknown command 'bogus'.\n"],
      [["docter"], "→ Did you mean doctor? vllm-connect --help shows the commands."],
      [["setup", "--bogus"], "✖ Unknown option '--bogus'.\n"],
      [["doctor", "--bas-url", "x"], "→ Did you mean --base-url? vllm-connect doctor --help shows its options."],
      [["where", "--agent", "emacs"], "Allowed choices are coderclaw, openclaw"],
      [["setup", "--yes", "--base-url", "not an address"], "is not the address of an HTTP server"],
      [["setup", "--yes", "--bridge", "x"], '"x" is not a port.\n  → Pass --bridge with a number from 1 to 65535.'],
      [["setup", "--yes", "--bridge", "0"], '"0" is not a port that the agent could be told.'],
      [["bridge", "--port", "65536"], "Pass --port with a number from 0 (any free port) to 65535."],
      [
        ["setup", "--yes", "--base-url", ""],
        "--base-url must not be empty.\n  → Pass a value, or leave --base-url out.",
      ],
      [["setup", "--yes", "--model", " "], "--model must not be empty."],
      [["where", "--config", ""], "--config must not be empty."],
      [["doctor", "extra"], "Too many arguments for 'doctor'."],
      [["doctor", "--matrix", "no/such/folder/table.md"], "no/such/folder cannot be written (ENOENT).\n  → A folder"],
    ])("%j is a usage error", async (words, message) => {
      const { code, stderr } = await cli.run(words);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    });

    test("a usage error is one document, too, where --json is asked for", async () => {
      const { code, json } = await cli.run(["setup", "--json", "--bogus"]);
      expect(code).toBe(2);
      expect(json()).toMatchObject({ command: "setup", ok: false, error: { message: "Unknown option '--bogus'." } });
    });

    test("--help shows commands and exit codes", async () => {
      const { code, stdout } = await cli.run(["--help"]);
      expect(code).toBe(0);
      for (const word of ["setup", "doctor", "models", "sync", "where", "undo", "3 server unreachable"])
        expect(stdout).toContain(word);
    });

    test("a folder that cannot be made is a problem with a way out, not a crash", async () => {
      const server = await start();
      await rm(cli.path(".coderclaw/agents"), { recursive: true, force: true });
      await cli.write(".coderclaw/agents", "a file where a folder belongs");
      const before = await cli.files();
      const { code, stderr } = await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/✖ .*agents.* \(ENOTDIR\)\.\n {2}→ A part of the path/),
      ]);
      expect(await cli.files()).toEqual(before);
    });

    test("--version", async () => {
      const { code, stdout } = await cli.run(["--version"]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    });

    test("colours: none when piped, none with NO_COLOR or --no-color, all with FORCE_COLOR", async () => {
      const escape = "\u001b[";
      expect((await cli.run(["where"])).stdout).not.toContain(escape);
      expect((await cli.run(["where"], { FORCE_COLOR: "1" })).stdout).toContain(escape);
      expect((await cli.run(["where"], { FORCE_COLOR: "1", NO_COLOR: "1" })).stdout).not.toContain(escape);
      expect((await cli.run(["where", "--no-color"], { FORCE_COLOR: "1" })).stdout).not.toContain(escape);
      expect((await cli.run(["where", "--json"], { FORCE_COLOR: "1" })).stdout).not.toContain(escape);
    });

    test("both agents configured: commands to copy name the agent and the configuration that this one was told", async () => {
      await cli.write(CONFIG, "{}");
      const config = cli.path("my files/mine.json");
      const words = ["doctor", "--agent", "openclaw", "--config", config, "--base-url", "http://127.0.0.1:9/v1"];
      await cli.write("my files/mine.json", "{}");
      const copied = `vllm-connect setup --agent openclaw --config '${config}'`;
      const { stdout } = await cli.run(words);
      expect(stdout).toContain(`→ ${copied}`);
      const { servers } = (await cli.run([...words, "--json"])).json<{ servers: { findings: { fix: string }[] }[] }>();
      expect(servers[0]?.findings.map(({ fix }) => fix)).toContain(copied);
      expect((await cli.run(["sync", "--agent", "coderclaw"])).stderr).toContain(
        "Set it up first: vllm-connect setup --agent coderclaw",
      );
    });

    test("both agents configured and none named", async () => {
      await cli.write(CONFIG, "{}");
      await cli.write(".openclaw/openclaw.json", "{}");
      const { code, stdout } = await cli.run(["models", "--json"]);
      expect([code, JSON.parse(stdout)]).toEqual([
        2,
        { command: "models", ok: false, error: expect.objectContaining({ code: "CONFIG_INVALID" }) },
      ]);
      const { code: fine, json } = await cli.run(["where", "--json"]);
      expect([fine, json()]).toEqual([
        0,
        {
          command: "where",
          ok: true,
          agents: [expect.objectContaining({ agent: "coderclaw" }), expect.objectContaining({ agent: "openclaw" })],
        },
      ]);
    });

    test.each(["none", "one, broken", "two"])(
      "doctor --base-url on a healthy server is fine; agents: %s",
      async (agents) => {
        if (agents !== "none") await cli.write(CONFIG, "{ broken");
        if (agents === "two") await cli.write(".openclaw/openclaw.json", "{}");
        const server = await start();
        const { code, stdout } = await cli.run(["doctor", "--base-url", server.baseUrl]);
        expect([code, stdout]).toEqual([0, expect.stringContaining(server.model)]);
        expect(stdout).not.toMatch(/coderclaw\.json|PROVIDER_MISSING/);
      },
    );

    test("setup without an agent says so, and what else there is", async () => {
      const server = await start();
      const { stdout } = await cli.run(["setup", "--dry-run", "--base-url", server.baseUrl]);
      const isUsed = Object.keys(await cli.files()).some((path) => path.endsWith("coderclaw.json"));
      expect(/Neither CoderClaw nor OpenClaw.*launch.*print/s.test(stdout)).toBe(!isUsed);
    });
  });
});
