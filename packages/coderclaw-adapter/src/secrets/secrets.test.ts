import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOME_KINDS, toUsedPath, writeUsedHome } from "@vllm-tooling/agent-homes";
import { verifies } from "@vllm-tooling/contract";
import { isVariableName, parseApiKey, variableNameNotes } from "./api-key.ts";
import { findProfileKey, heldBackUntil, readAuthProfiles } from "./auth-profile-store.ts";
import { saveApiKeyProfile } from "./auth-profiles.ts";
import { readVariable, saveVariable, setVariable } from "./env-file.ts";

let home: string;
let directory: string;
let path: string;

/** The agent's state folder, empty or as a real agent left it. */
async function createState(used: boolean): Promise<void> {
  home = await mkdtemp(join(tmpdir(), "adapter-secrets-"));
  if (used) await writeUsedHome(home, "coderclaw");
  directory = join(home, used ? toUsedPath(".coderclaw/") : ".coderclaw");
  path = join(directory, "agents", "main", "agent", "auth-profiles.json");
}

const removeState = () => rm(home, { recursive: true, force: true });

async function writeStore(store: unknown): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, typeof store === "string" ? store : JSON.stringify(store));
}

/** A file of a version before auth-profiles.json. */
async function writeOld(file: string, text: string): Promise<string> {
  const old = file.endsWith("oauth.json") ? join(directory, "credentials", file) : join(path, "..", file);
  await mkdir(join(old, ".."), { recursive: true });
  await writeFile(old, text);
  return old;
}

async function refusal(options?: Parameters<typeof saveApiKeyProfile>[2]): Promise<{ message: string; hint: string }> {
  const error = await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" }, options).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("has not migrated yet") });
  return error as { message: string; hint: string };
}

describe("parseApiKey", () => {
  test("strips line breaks and outer spaces", () => {
    expect(parseApiKey(" sk-a\r\nb\u2028 ")).toBe("sk-ab");
  });

  verifies("agent/coderclaw/keyless-placeholder", "an empty key", () => {
    expect(() => parseApiKey(" \n ")).toThrow("The API key is empty.");
  });

  verifies("agent/coderclaw/key-executed", "a key that is entered", () => {
    expect(() => parseApiKey("!curl evil")).toThrow("The API key starts with an exclamation mark");
    expect(() => parseApiKey("!curl evil")).not.toThrow("evil");
  });

  verifies("agent/coderclaw/key-is-variable-name", "a set variable only", () => {
    expect(isVariableName("HOME", { HOME: "/root" })).toBe(true);
    expect(isVariableName("HOME", {})).toBe(false);
    expect(isVariableName("sk-1", { "sk-1": "x" })).toBe(false);
    expect(isVariableName("local", { local: "local" })).toBe(false);
    expect(variableNameNotes("HOME", { HOME: "/root" }).join()).not.toMatch(/HOME|root/);
    expect(variableNameNotes("sk-1", { HOME: "/root" })).toEqual([]);
  });
});

describe.each(HOME_KINDS)("saveApiKeyProfile, in $kind", ({ used }) => {
  beforeEach(() => createState(used));
  afterEach(removeState);

  verifies("agent/coderclaw/profile-file", "shape and modes", async () => {
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).toBe(true);
    const profiles = { "vllm:default": { type: "api_key", provider: "vllm", key: "sk-1" } };
    expect(await readFile(path, "utf8")).toBe(`${JSON.stringify({ version: 1, profiles }, null, 2)}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    const others = used ? ["auth.json", "models.json"] : [];
    expect((await readdir(join(path, ".."))).toSorted()).toEqual(["auth-profiles.json", ...others]);
  });

  verifies("agent/coderclaw/profile-file", "unknown keys stay, too", async () => {
    const store = {
      version: 1,
      profiles: {
        "anthropic:me": { type: "oauth", provider: "anthropic", access: "a", refresh: "r", expires: 1, extra: [1] },
        "vllm:default": { type: "api_key", provider: "vllm", key: "old" },
      },
      order: { vllm: ["vllm:default"] },
      lastGood: { vllm: "vllm:default" },
      usageStats: { "vllm:default": { errorCount: 1 } },
      future: { key: true },
    };
    await writeStore(store);
    await saveApiKeyProfile(path, { provider: "vllm", key: "new" });
    store.profiles["vllm:default"].key = "new";
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(store);
  });

  test("an equal profile writes nothing", async () => {
    await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" });
    const before = await stat(path);
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).toBe(false);
    expect((await stat(path)).ino).toBe(before.ino);
  });

  test.each(["{ broken", "[]", '{"profiles": []}'])("an invalid store %j is left as it is", async (text) => {
    await writeStore(text);
    await expect(saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).rejects.toThrow(
      "is not what the agent writes there. It was left as it is.",
    );
    expect(await readFile(path, "utf8")).toBe(text);
  });

  verifies("agent/coderclaw/profile-lock", "nothing is written without it", async () => {
    await writeStore({ version: 1, profiles: {} });
    await writeFile(`${path}.lock`, JSON.stringify({ pid: process.pid, createdAt: new Date().toISOString() }));
    const times = { firstDelayMs: 1, retries: 1 };
    await expect(saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" }, { times })).rejects.toThrow(
      "holds the lock",
    );
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ version: 1, profiles: {} });
  });

  const login = { type: "api_key", provider: "anthropic", key: "sk-ant" };
  const oauth = { access: "a", refresh: "r", expires: 1 };

  /** What CoderClaw does with an old file when it has no store: it migrates an entry (`product/src/agents/auth-profiles/store.ts`), or takes nothing. */
  test.each([
    ["auth.json", "an API key", { anthropic: login }],
    ["auth.json", "an entry without a provider is its key's", { anthropic: { type: "token", token: "t" } }],
    ["auth.json", "an OAuth login among others", { a: 1, b: null, c: { type: "new" }, d: { ...oauth, type: "oauth" } }],
    ["auth.json", "a list, whose positions are the providers", [login]],
    ["oauth.json", "a login, which needs no type", { anthropic: oauth }],
    ["oauth.json", "an entry with nothing in it", { anthropic: {} }],
    ["oauth.json", "a login beside a key named profiles", { profiles: {}, anthropic: oauth }],
  ])("%s with %s is not hidden", async (file, _what, content) => {
    const old = await writeOld(file, JSON.stringify(content));
    const { message, hint } = await refusal();
    expect(message).toContain(`${old} holds logins of an older version`);
    expect(hint).toContain("Run `coderclaw models status` once");
    expect(hint).toContain(`mv ${old} ${old}.old`);
    expect(message + hint).not.toContain("sk-ant");
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  test.each(["auth.json", "oauth.json"])("%s that CoderClaw would take nothing from is no obstacle", async (file) => {
    const nothing = [
      "",
      " \n",
      "{}",
      "[]",
      "null",
      "7",
      '"text"',
      "{ broken",
      '\uFEFF{"a":{"type":"oauth"}}',
      '{"a":1,"b":null}',
    ];
    const dropped = [{ a: { ...login, type: "basic" } }, { a: { ...login, provider: "" } }, { a: { type: ["oauth"] } }];
    const own = file === "auth.json" ? [{ a: oauth }, { a: {} }, [[]], { profiles: {}, anthropic: login }] : [];
    for (const text of [...nothing, ...[...dropped, ...own].map((content) => JSON.stringify(content))]) {
      await writeOld(file, text);
      expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" }), text).toBe(true);
      await rm(path);
    }
    const old = await writeOld(file, "");
    await rm(old);
    await mkdir(old);
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" }), "unreadable").toBe(true);
  });

  test.each(["", "  \n", "null", "{}", '{"version":1}'])("a store of %j is none to CoderClaw, either", async (text) => {
    await writeOld("auth.json", JSON.stringify({ anthropic: login }));
    await writeStore(text);
    await refusal();
    expect(await readFile(path, "utf8")).toBe(text);
    await writeOld("auth.json", "{}");
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).toBe(true);
    const profiles = { "vllm:default": { type: "api_key", provider: "vllm", key: "sk-1" } };
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ version: 1, profiles });
  });

  test("with a store of its own, old files mean nothing any more", async () => {
    await writeOld("auth.json", JSON.stringify({ anthropic: login }));
    await writeOld("oauth.json", JSON.stringify({ anthropic: oauth }));
    await writeStore({ version: 1, profiles: {} });
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).toBe(true);
  });

  test("another agent inherits the main agent's profiles; without any it is named in the hint", async () => {
    const main = path;
    path = join(directory, "agents", "my agent", "agent", "auth-profiles.json");
    await writeOld("oauth.json", JSON.stringify({ anthropic: oauth }));
    expect((await refusal()).hint).toContain("`coderclaw models status`");
    await writeOld("auth.json", JSON.stringify({ anthropic: login }));
    expect((await refusal()).hint).toContain("`coderclaw models status --agent 'my agent'`");
    await saveApiKeyProfile(main, { provider: "vllm", key: "sk-1" }, { oauthPath: join(directory, "none") });
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" })).toBe(true);
  });

  test("CODERCLAW_OAUTH_DIR: the place is the caller's to name", async () => {
    const oauthPath = join(home, "elsewhere.json");
    await writeFile(oauthPath, JSON.stringify({ anthropic: oauth }));
    await writeOld("oauth.json", JSON.stringify({ anthropic: oauth }));
    expect((await refusal({ oauthPath })).message).toContain(oauthPath);
    await rm(oauthPath);
    expect(await saveApiKeyProfile(path, { provider: "vllm", key: "sk-1" }, { oauthPath })).toBe(true);
  });

  test("many at once all arrive", async () => {
    const providers = ["vllm", "vllm-a", "vllm-b", "vllm-c"];
    const times = { firstDelayMs: 2, retries: 10 };
    await Promise.all(providers.map((provider) => saveApiKeyProfile(path, { provider, key: "k" }, { times })));
    expect(Object.keys((await readAuthProfiles(path)).profiles).toSorted()).toEqual(
      providers.map((provider) => `${provider}:default`).toSorted(),
    );
  });
});

const key = (name: string, key: unknown, more: object = {}) => ({
  [name]: { type: "api_key", provider: "vllm", key, ...more },
});

async function find(store: object, auth?: object): Promise<string | undefined> {
  await writeStore({ version: 1, ...store });
  return findProfileKey(await readAuthProfiles(path), "vllm", auth as never, 1000);
}

describe("findProfileKey", () => {
  beforeEach(() => createState(false));
  afterEach(removeState);

  verifies("agent/coderclaw/profile-order", "the store's, the configuration's, the listed ones, all", async () => {
    const profiles = { ...key("vllm:a", "A"), ...key("vllm:b", "B"), ...key("vllm:c", "C") };
    const auth = { order: { vllm: ["vllm:b"] }, profiles: { "vllm:a": { provider: "vllm", mode: "api_key" } } };
    expect(await find({ profiles, order: { vllm: ["vllm:c"] } }, auth)).toBe("C");
    expect(await find({ profiles }, auth)).toBe("B");
    expect(await find({ profiles }, { profiles: { "vllm:c": { provider: "vllm", mode: "api_key" } } })).toBe("C");
    expect(await find({ profiles })).toBe("A");
  });

  verifies("agent/coderclaw/profile-order", "an empty order means no profile", async () => {
    expect(await find({ profiles: key("vllm:a", "A"), order: { vllm: [] } })).toBeUndefined();
  });

  verifies("agent/coderclaw/profile-order", "expired, empty and foreign ones are passed over", async () => {
    const token = { "vllm:manual": { type: "token", provider: "vllm", token: "T" } };
    expect(await find({ profiles: { ...key("vllm:a", "A"), ...token } })).toBe("T");
    const expired = { "vllm:manual": { ...token["vllm:manual"], expires: 999 } };
    expect(await find({ profiles: { ...expired, ...key("vllm:a", " "), ...key("vllm:b", "B\n") } })).toBe("B");
    expect(await find({ profiles: { x: { type: "api_key", provider: "openai", key: "O" } } })).toBeUndefined();
  });

  verifies("agent/coderclaw/profile-order", "those on cooldown last, a wrong mode not at all", async () => {
    const profiles = { ...key("vllm:a", "A"), ...key("vllm:b", "B"), ...key("vllm:c", "C") };
    const used = { "vllm:a": { lastUsed: 30 }, "vllm:b": { lastUsed: 10 }, "vllm:c": { lastUsed: 20 } };
    expect(await find({ profiles, usageStats: used })).toBe("B");
    const held = { ...used, "vllm:b": { lastUsed: 10, cooldownUntil: 1001 } };
    expect(await find({ profiles, usageStats: held })).toBe("C");
    expect(await find({ profiles, usageStats: held, order: { vllm: ["vllm:b", "vllm:a"] } })).toBe("A");
    expect(await find({ profiles, usageStats: { "vllm:a": { cooldownUntil: 999 } } })).toBe("A");
    const auth = {
      profiles: { "vllm:a": { provider: "vllm", mode: "token" }, "vllm:b": { provider: "vllm", mode: "api_key" } },
    };
    expect(await find({ profiles }, auth)).toBe("B");
  });

  verifies("agent/coderclaw/key-cooldown", "when every profile is", async () => {
    const until = async (usageStats: object): Promise<number | undefined> => {
      await writeStore({ profiles: { ...key("vllm:a", "A"), ...key("vllm:b", "B") }, usageStats });
      return heldBackUntil(await readAuthProfiles(path), "vllm", {}, 1000);
    };
    expect(await until({ "vllm:a": { cooldownUntil: 5000 } })).toBeUndefined();
    expect(await until({ "vllm:a": { cooldownUntil: 5000 }, "vllm:b": { disabledUntil: 7000 } })).toBe(5000);
    expect(await until({ "vllm:a": { cooldownUntil: 900 }, "vllm:b": { cooldownUntil: 5000 } })).toBeUndefined();
  });

  test("a missing file has none", async () => {
    expect(findProfileKey(await readAuthProfiles(path), "vllm")).toBeUndefined();
  });
});

describe(".env", () => {
  beforeEach(() => createState(false));
  afterEach(removeState);

  test("appends a line, replaces one in place, keeps the others", () => {
    expect(setVariable("", "K", "v")).toBe("K=v\n");
    expect(setVariable("A=1", "K", "v")).toBe("A=1\nK=v\n");
    expect(setVariable("# c\nexport K = 'old' # x\r\nB=2\r\n", "K", "a b")).toBe("# c\nexport K='a b'\r\nB=2\r\n");
    expect(setVariable("K=v # mine\n", "K", "v")).toBe("K=v # mine\n");
  });

  test.each(["plain-1.2/3:x@y=", "with space", "it's", `"q" and 'q'`, "$HOME", "#hash", "a`b'"])(
    "reads back %j",
    (value) => {
      expect(readVariable(setVariable("OTHER=1\n", "K", value), "K")).toBe(value);
    },
  );

  test("reads nothing from a comment, another name or a blank value", () => {
    expect(readVariable("# K=1\nKK=2\nXK=3\nK=\n", "K")).toBeUndefined();
  });

  test("saveVariable writes 0600 and only when something changes", async () => {
    const env = join(directory, "state", ".env");
    expect(await saveVariable(env, "VLLM_API_KEY", "k")).toBe(true);
    expect(await saveVariable(env, "VLLM_API_KEY", "k")).toBe(false);
    expect(await readFile(env, "utf8")).toBe("VLLM_API_KEY=k\n");
    expect((await stat(env)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(directory, "state"))).toEqual([".env"]);
  });
});
