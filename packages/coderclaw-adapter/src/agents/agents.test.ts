import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { detectAgent } from "./detect-agent.ts";
import { locateCoderClaw } from "./locate-coderclaw.ts";
import { locateOpenClaw } from "./locate-openclaw.ts";

let home: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "adapter-home-")));
});

afterEach(() => rm(home, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(home, ...parts);

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), "{}");
  }
}

const coderClaw = (env: Record<string, string> = {}, explicit?: string) =>
  locateCoderClaw({ env: { HOME: home, ...env }, homeDirectory: "/nowhere" }, explicit);
const openClaw = (env: Record<string, string> = {}, explicit?: string) =>
  locateOpenClaw({ env: { HOME: home, ...env }, homeDirectory: "/nowhere" }, explicit);
const detect = (env: Record<string, string> = {}, choice = {}) =>
  detectAgent({ env: { HOME: home, PATH: "", ...env }, homeDirectory: "/nowhere" }, choice);

describe("where CoderClaw's configuration is", () => {
  verifies("agent/coderclaw/config-location", "CODERCLAW_CONFIG_PATH, trimmed, with ~", async () => {
    await put(".coderclaw/coderclaw.json");
    const found = coderClaw({ CODERCLAW_CONFIG_PATH: " ~/mine.json ", CODERCLAW_STATE_DIR: at("state") });
    expect(found).toMatchObject({
      configPath: at("mine.json"),
      exists: false,
      reason: "CODERCLAW_CONFIG_PATH names it",
    });
    expect(found.others).toEqual([at(".coderclaw/coderclaw.json")]);
  });

  verifies("agent/coderclaw/config-location", "--config wins over CODERCLAW_CONFIG_PATH", () => {
    expect(coderClaw({ CODERCLAW_CONFIG_PATH: "/x" }, "~/y.json").configPath).toBe(at("y.json"));
  });

  verifies("agent/coderclaw/config-location", "CODERCLAW_STATE_DIR with a configuration in it", async () => {
    await put("state/coderclaw.json", ".coderclaw/coderclaw.json");
    expect(coderClaw({ CODERCLAW_STATE_DIR: "~/state" })).toMatchObject({
      configPath: at("state/coderclaw.json"),
      stateDir: at("state"),
      envFile: at("state/.env"),
      pluginsDir: at("state/extensions"),
      authProfilesPath: at("state/agents/main/agent/auth-profiles.json"),
    });
  });

  verifies(
    "agent/coderclaw/config-location",
    "CODERCLAW_STATE_DIR without one: the flat file, if it exists",
    async () => {
      await put(".coderclaw/coderclaw.json");
      const found = coderClaw({ CODERCLAW_STATE_DIR: at("state") });
      expect(found).toMatchObject({ configPath: at(".coderclaw/coderclaw.json"), stateDir: at("state") });
      expect(found.reason).toBe("the agent opens it whenever it exists; CODERCLAW_STATE_DIR holds none");
      await rm(at(".coderclaw"), { recursive: true });
      expect(coderClaw({ CODERCLAW_STATE_DIR: at("state") }).configPath).toBe(at("state/coderclaw.json"));
    },
  );

  verifies(
    "agent/coderclaw/config-location",
    "CODERCLAW_PROFILE as a variable moves the state, not an existing flat configuration",
    async () => {
      expect(coderClaw({ CODERCLAW_PROFILE: "dev" }).configPath).toBe(at(".coderclaw-dev/coderclaw.json"));
      await put(".coderclaw/coderclaw.json");
      expect(coderClaw({ CODERCLAW_PROFILE: "dev" })).toMatchObject({
        configPath: at(".coderclaw/coderclaw.json"),
        stateDir: at(".coderclaw-dev"),
      });
      expect(coderClaw({ CODERCLAW_PROFILE: "Default" }).stateDir).toBe(at(".coderclaw"));
    },
  );

  verifies("agent/coderclaw/config-location", "CODERCLAW_HOME replaces the home, also with ~", async () => {
    await put("other/.coderclaw/coderclaw.json");
    expect(coderClaw({ CODERCLAW_HOME: "~/other" }).configPath).toBe(at("other/.coderclaw/coderclaw.json"));
  });

  verifies("agent/coderclaw/config-location", "without HOME: USERPROFILE, then the system's home", () => {
    expect(locateCoderClaw({ env: { USERPROFILE: "/u" }, homeDirectory: "/s" }).stateDir).toBe("/u/.coderclaw");
    expect(locateCoderClaw({ env: {}, homeDirectory: "/s" }).stateDir).toBe("/s/.coderclaw");
  });

  verifies(
    "agent/coderclaw/config-location",
    "one installation's folder; its .env and plugins stay in the shared one",
    async () => {
      await put(".coderclaw/0a1b2c3d/coderclaw.json", ".coderclaw/not-an-id/coderclaw.json");
      expect(coderClaw()).toMatchObject({
        configPath: at(".coderclaw/0a1b2c3d/coderclaw.json"),
        stateDir: at(".coderclaw/0a1b2c3d"),
        envFile: at(".coderclaw/.env"),
        pluginsDir: at(".coderclaw/extensions"),
        authProfilesPath: at(".coderclaw/0a1b2c3d/agents/main/agent/auth-profiles.json"),
      });
    },
  );

  verifies("agent/coderclaw/config-location", "several installations are an error that lists them", async () => {
    await put(".coderclaw/0a1b2c3d/coderclaw.json", ".coderclaw/ffffffff/coderclaw.json");
    expect(() => coderClaw()).toThrow(
      `Several CoderClaw installations have a configuration, and nothing says which one is meant: ${at(".coderclaw/0a1b2c3d/coderclaw.json")}, ${at(".coderclaw/ffffffff/coderclaw.json")}.`,
    );
    expect(coderClaw({}, at(".coderclaw/ffffffff/coderclaw.json")).exists).toBe(true);
  });

  verifies("agent/coderclaw/config-location", "the coderclaw on PATH decides between installations", async () => {
    const packageRoot = at("lib/node_modules/coderclaw");
    await put("lib/node_modules/coderclaw/bin/coderclaw.mjs", ".coderclaw/ffffffff/coderclaw.json");
    await writeFile(join(packageRoot, "package.json"), '{"name":"@seanhogg/coderclaw"}');
    await mkdir(at("bin"));
    await symlink(join(packageRoot, "bin/coderclaw.mjs"), at("bin/coderclaw"));
    const id = createHash("sha256").update(packageRoot).digest("hex").slice(0, 8);
    const env = { PATH: `/nonexistent:${at("bin")}` };
    await put(`.coderclaw/${id}/coderclaw.json`);
    expect(coderClaw(env)).toMatchObject({
      configPath: at(".coderclaw", id, "coderclaw.json"),
      reason: `it belongs to the coderclaw on PATH (id ${id})`,
      others: [at(".coderclaw/ffffffff/coderclaw.json")],
    });
    await rm(at(".coderclaw"), { recursive: true });
    expect(coderClaw(env).configPath).toBe(at(".coderclaw", id, "coderclaw.json"));
  });

  verifies("agent/coderclaw/config-location", "nothing there: the flat file", () => {
    expect(coderClaw()).toMatchObject({ configPath: at(".coderclaw/coderclaw.json"), exists: false, others: [] });
  });

  verifies("agent/coderclaw/config-location", "CODERCLAW_OAUTH_DIR moves the logins of older versions", () => {
    expect(coderClaw().oauthPath).toBe(at(".coderclaw/credentials/oauth.json"));
    expect(coderClaw({ CODERCLAW_STATE_DIR: at("s") }).oauthPath).toBe(at("s/credentials/oauth.json"));
    expect(coderClaw({ CODERCLAW_OAUTH_DIR: "~/o" }).oauthPath).toBe(at("o/oauth.json"));
  });

  verifies("agent/coderclaw/config-location", "CODERCLAW_AGENT_DIR, then PI_CODING_AGENT_DIR, hold the keys", () => {
    const env = { CODERCLAW_AGENT_DIR: at("a"), PI_CODING_AGENT_DIR: at("p") };
    expect(coderClaw(env).authProfilesPath).toBe(at("a/auth-profiles.json"));
    expect(coderClaw({ PI_CODING_AGENT_DIR: "~/p" }).authProfilesPath).toBe(at("p/auth-profiles.json"));
  });
});

describe("where OpenClaw's configuration is", () => {
  test("OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR, the default", async () => {
    expect(openClaw().configPath).toBe(at(".openclaw/openclaw.json"));
    await put("state/openclaw.json", ".openclaw/openclaw.json");
    expect(openClaw({ OPENCLAW_STATE_DIR: "~/state" })).toMatchObject({
      configPath: at("state/openclaw.json"),
      envFile: at("state/.env"),
      others: [at(".openclaw/openclaw.json")],
    });
    expect(openClaw({ OPENCLAW_STATE_DIR: at("state"), OPENCLAW_CONFIG_PATH: "~/x.json" }).configPath).toBe(
      at("x.json"),
    );
  });

  test("a named state directory without a configuration is not left for another", async () => {
    await put(".openclaw/openclaw.json");
    expect(openClaw({ OPENCLAW_STATE_DIR: at("state") }).configPath).toBe(at("state/openclaw.json"));
  });

  test("the folder and the file of the older name", async () => {
    await put(".clawdbot/clawdbot.json");
    expect(openClaw()).toMatchObject({ configPath: at(".clawdbot/clawdbot.json"), stateDir: at(".clawdbot") });
    await put(".openclaw/openclaw.json");
    expect(openClaw().configPath).toBe(at(".openclaw/openclaw.json"));
  });

  test("OPENCLAW_HOME; the words that shells leave behind are nothing", () => {
    expect(openClaw({ OPENCLAW_HOME: "~/svc" }).stateDir).toBe(at("svc/.openclaw"));
    expect(openClaw({ OPENCLAW_HOME: "undefined", OPENCLAW_STATE_DIR: " " }).stateDir).toBe(at(".openclaw"));
  });

  test("its keys are in a database of its own, so no auth profiles are written", () => {
    expect(openClaw().authProfilesPath).toBeUndefined();
  });

  test("a configuration that may not be changed is known", () => {
    expect(openClaw({ OPENCLAW_NIX_MODE: "1" }).readOnly).toContain("Nix");
    expect(openClaw({ OPENCLAW_CONFIG_READONLY: "1" }).readOnly).toContain("OPENCLAW_CONFIG_READONLY");
    expect(openClaw().readOnly).toBeUndefined();
  });
});

describe("detectAgent", () => {
  test("--agent, then the name of --config, then variables", async () => {
    await put(".coderclaw/coderclaw.json");
    expect(detect({}, { agent: "openclaw" })).toMatchObject({
      location: { agent: "openclaw" },
      reason: "from --agent",
    });
    expect(detect({}, { configPath: "/x/openclaw.json5" }).location).toMatchObject({ configPath: "/x/openclaw.json5" });
    expect(detect({ OPENCLAW_STATE_DIR: at("s") }).location.agent).toBe("openclaw");
  });

  test("the only one with a configuration", async () => {
    await put(".openclaw/openclaw.json");
    expect(detect()).toMatchObject({
      location: { agent: "openclaw" },
      reason: "it is the only one with a configuration",
    });
  });

  test("the only one installed", async () => {
    await put("bin/openclaw");
    await chmod(at("bin/openclaw"), 0o755);
    expect(detect({ PATH: at("bin") })).toMatchObject({
      location: { agent: "openclaw" },
      reason: "it is the only one installed",
    });
  });

  test("both configured is a question", async () => {
    await put(".openclaw/openclaw.json", ".coderclaw/coderclaw.json");
    expect(() => detect()).toThrow("CoderClaw and OpenClaw are both configured here.");
  });

  test("neither is CoderClaw, and that is said", () => {
    expect(detect()).toMatchObject({ location: { agent: "coderclaw" }, reason: "no CoderClaw or OpenClaw found" });
  });
});
