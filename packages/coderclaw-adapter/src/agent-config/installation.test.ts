import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../config-file/json-value.ts";
import { locateCoderClaw } from "../agents/locate-coderclaw.ts";
import { locateOpenClaw } from "../agents/locate-openclaw.ts";
import { plistVariables, unitVariables } from "./gateway-service.ts";
import type { Installation } from "./installation.ts";
import { readInstallation } from "./installation.ts";
import { readAgentConfig } from "./read-agent-config.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "adapter-installation-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function put(path: string, text = "{}"): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
}

async function read(config: JsonObject = {}, env: Record<string, string> = {}): Promise<Installation> {
  await put(".coderclaw/coderclaw.json", JSON.stringify(config));
  const surroundings = { env: { HOME: home, PATH: "", ...env }, homeDirectory: "/nowhere" };
  const agent = await readAgentConfig(locateCoderClaw(surroundings), surroundings.env);
  return readInstallation(agent, surroundings) as Installation;
}

describe("the plugin", () => {
  const manifest = "coderclaw-adapter/coderclaw.plugin.json";

  test("is not there", async () => {
    await put(".coderclaw/extensions/other/coderclaw.plugin.json");
    expect((await read()).plugin).toEqual({
      folder: undefined,
      disabledBy: undefined,
      namedBy: undefined,
      refreshesModels: false,
    });
  });

  test.each([
    ["the plugins' folder", `.coderclaw/extensions/${manifest}`, {}],
    ["the default workspace", `.coderclaw/workspace/.coderclaw/extensions/${manifest}`, {}],
    ["a workspace", `w/.coderclaw/extensions/${manifest}`, { agents: { defaults: { workspace: "~/w" } } }],
    ["a folder of plugins that is named", `mine/${manifest}`, { plugins: { load: { paths: ["~/mine"] } } }],
    ["a folder that is named", `mine/${manifest}`, { plugins: { load: { paths: ["~/mine/coderclaw-adapter"] } } }],
  ])("in %s", async (_where, file, config) => {
    await put(file);
    expect((await read(config)).plugin).toMatchObject({ folder: join(home, dirname(file)), refreshesModels: true });
  });

  test.each([
    ["plugins.enabled", { enabled: false, deny: ["coderclaw-adapter"] }],
    ["plugins.deny", { deny: [" coderclaw-adapter "], allow: ["coderclaw-adapter"] }],
    ["plugins.allow", { allow: ["other"], entries: { "coderclaw-adapter": { enabled: true } } }],
    ["plugins.entries.coderclaw-adapter.enabled", { entries: { "coderclaw-adapter": { enabled: false } } }],
    [undefined, { allow: [], deny: ["other"], entries: { "coderclaw-adapter": {} } }],
  ])("disabled by %s, in CoderClaw's order", async (disabledBy, plugins) => {
    await put(`.coderclaw/extensions/${manifest}`);
    expect((await read({ plugins })).plugin).toMatchObject({ disabledBy, refreshesModels: disabledBy === undefined });
  });

  test("refreshModels: false", async () => {
    await put(`.coderclaw/extensions/${manifest}`);
    const entries = { "coderclaw-adapter": { config: { refreshModels: false } } };
    expect((await read({ plugins: { entries } })).plugin).toMatchObject({
      disabledBy: undefined,
      namedBy: "plugins.entries.coderclaw-adapter",
      refreshesModels: false,
    });
  });

  test.each([
    ["plugins.entries.coderclaw-adapter", { entries: { "coderclaw-adapter": {} } }],
    ["plugins.allow", { allow: ["coderclaw-adapter"] }],
    ["plugins.deny", { deny: ["coderclaw-adapter"] }],
    [undefined, { allow: ["other"], enabled: true }],
  ])("named by %s", async (namedBy, plugins) => {
    expect((await read({ plugins })).plugin.namedBy).toBe(namedBy);
  });
});

describe("the gateway's service", () => {
  const units = ".config/systemd/user";

  test("there is none", async () => {
    expect((await read()).service).toBeUndefined();
  });

  test("systemd: the variables of the unit and of its overrides", async () => {
    await put(`${units}/coderclaw-gateway.service`, "[Service]\nEnvironment=HOME=/h\nEnvironment=PATH=/bin\n");
    await put(`${units}/coderclaw-gateway.service.d/override.conf`, '[Service]\nEnvironment="VLLM_API_KEY=a b"\n');
    await put(`${units}/coderclaw-gateway.service.d/notes.txt`, "Environment=NOT=1\n");
    expect((await read()).service).toEqual({
      path: join(home, units, "coderclaw-gateway.service"),
      variables: ["HOME", "PATH", "VLLM_API_KEY"],
    });
  });

  test("systemd: the profile's unit, or the one that is named", async () => {
    await put(`${units}/coderclaw-gateway-dev.service`, "");
    await put(`${units}/mine.service`, "");
    expect((await read()).service).toBeUndefined();
    expect((await read({}, { CODERCLAW_PROFILE: "dev" })).service?.path).toContain("coderclaw-gateway-dev.service");
    expect((await read({}, { CODERCLAW_SYSTEMD_UNIT: "mine.service" })).service?.path).toContain("/mine.service");
  });

  test("launchd", async () => {
    const dictionary = "<dict>\n<key>HOME</key><string>/h</string><key>K</key><string>v</string></dict>";
    const text = `<dict><key>Label</key><string>x</string><key>EnvironmentVariables</key>\n${dictionary}</dict>`;
    await put("Library/LaunchAgents/ai.coderclaw.gateway.plist", text);
    expect((await read()).service?.variables).toEqual(["HOME", "K"]);
    await put("Library/LaunchAgents/ai.coderclaw.dev.plist", "");
    expect((await read({}, { CODERCLAW_PROFILE: "dev" })).service?.variables).toEqual([]);
  });

  test("one that cannot be read may set anything", async () => {
    await mkdir(join(home, units, "coderclaw-gateway.service"), { recursive: true });
    expect((await read()).service).toMatchObject({ variables: undefined });
  });

  test.each([
    ["", []],
    ["Environment=A=1", ["A"]],
    [`Environment="A=1 B" 'C=2' D=3`, ["A", "C", "D"]],
    ["  Environment=A=1\nPassEnvironment=B C\n#Environment=D=1", ["A", "B", "C"]],
    ["Environment=A=1\nEnvironmentFile=-/etc/x", undefined],
  ])("a unit of %j sets %j", (text, names) => {
    expect(unitVariables(text)).toEqual(names);
  });

  test("a property list without variables sets none", () => {
    expect(plistVariables("<dict><key>Label</key></dict>")).toEqual([]);
  });
});

describe("the rest", () => {
  test("variables that a service has, too: of .env and of the configuration, not of the shell", async () => {
    await put(".coderclaw/.env", "A=file\n");
    const { fileEnv, envFile } = await read({ env: { B: "section", vars: { C: "vars" } } }, { A: "shell", D: "shell" });
    expect(fileEnv).toEqual({ A: "file", B: "section", C: "vars" });
    expect(envFile).toBe(join(home, ".coderclaw/.env"));
  });

  test.each([
    ['{"providers":{"vllm":{"baseUrl":"x"}}}', { vllm: { baseUrl: "x" } }],
    ['{"providers":[]}', {}],
    ["{ broken", undefined],
  ])("models.json of %j", async (text, providers) => {
    await put(".coderclaw/agents/main/agent/models.json", text);
    expect((await read()).modelsFile?.providers).toEqual(providers);
  });

  test("OpenClaw has another installation", async () => {
    const surroundings = { env: { HOME: home }, homeDirectory: home };
    const agent = await readAgentConfig(locateOpenClaw(surroundings), surroundings.env);
    expect(readInstallation(agent, surroundings)).toBeUndefined();
  });
});
