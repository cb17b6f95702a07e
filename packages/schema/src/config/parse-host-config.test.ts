import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConfigIssue } from "../index.ts";
import { ConfigError, parseHostConfig, safeParseHostConfig, VllmError } from "../index.ts";

/** The problems of a text; fails when there are none. */
function issuesOf(text: string, env?: Record<string, string | undefined>): readonly ConfigIssue[] {
  const { error } = safeParseHostConfig(text, { env });
  if (error === undefined) throw new Error(`no problem in ${text}`);
  return error.issues;
}

/** A config with one provider of these fields. */
const provider = (fields: string) => `{ models: { providers: { vllm: { ${fields} } } } }`;
const whole = `baseUrl: "http://127.0.0.1:8000/v1", models: []`;

describe("what is accepted", () => {
  test("JSON5 with comments, trailing commas, single quotes and bare keys", () => {
    const config = parseHostConfig(`// hosts
      {
        models: { mode: 'merge', providers: {
          vllm: { baseUrl: 'http://gpu:8000/v1', apiKey: "VLLM_API_KEY", api: "openai-completions", models: [
            { id: "Qwen/Qwen3-8B", name: "Qwen3", reasoning: true, input: ["text"], contextWindow: 4096.5, maxTokens: +1e3,
              cost: { input: 0 }, headers: { "X-A": "b" }, compat: { thinkingFormat: "qwen", maxTokensField: "max_tokens" }, },
          ], },
        }, },
      }`);
    expect(config.models?.providers?.["vllm"]?.models[0]).toEqual({
      id: "Qwen/Qwen3-8B",
      name: "Qwen3",
      reasoning: true,
      input: ["text"],
      contextWindow: 4096.5,
      maxTokens: 1000,
      cost: { input: 0 },
      headers: { "X-A": "b" },
      compat: { thinkingFormat: "qwen", maxTokensField: "max_tokens" },
    });
  });

  test("an empty document, and parts that are not about models, as they are", () => {
    expect(parseHostConfig("{}")).toEqual({});
    const other = {
      gateway: { port: 18789, auth: { mode: "token" } },
      plugins: { anything: [1, null] },
      agents: { list: [{ id: "a", model: "x/y" }], defaults: { contextTokens: 5, thinkingDefault: "low" } },
      env: { vars: { A: "b" }, FOO: "bar" },
    };
    expect(parseHostConfig(JSON.stringify(other))).toEqual(other);
  });

  test.each([
    ["baseUrl is only a text that is not empty", provider(`baseUrl: "nonsense", models: []`)],
    ["an empty list of inputs", provider(`baseUrl: "x", models: [{ id: "a", name: "a", input: [] }]`)],
    ["two models of one id", provider(`baseUrl: "x", models: [{ id: "a", name: "a" }, { id: "a", name: "b" }]`)],
    ["bedrockDiscovery, whatever it holds", `{ models: { bedrockDiscovery: { enabled: true, region: "x" } } }`],
    [
      "profiles, order and cooldowns",
      `{ auth: { profiles: { "vllm:default": { provider: "vllm", mode: "api_key", email: "a@b" } }, order: { vllm: ["vllm:default"] }, cooldowns: { failureWindowHours: 1 } } }`,
    ],
    [
      "primary, fallbacks and aliases",
      `{ agents: { defaults: { model: { primary: "vllm/a", fallbacks: ["x/y"] }, imageModel: { primary: "q" }, models: { "vllm/a": { alias: "a", params: { temperature: 0 }, streaming: false } } } } }`,
    ],
    ["a byte order mark", `\uFEFF{}`],
    ["Windows line ends", `{\r\n  // x\r\n  models: {},\r\n}\r\n`],
  ])("the agent's rule: %s", (_, text) => {
    expect(safeParseHostConfig(text).success).toBe(true);
  });

  test.each([
    "openai-completions",
    "openai-responses",
    "anthropic-messages",
    "google-generative-ai",
    "github-copilot",
    "bedrock-converse-stream",
    "ollama",
    "transformers",
  ])("api %s", (api) => {
    expect(safeParseHostConfig(provider(`${whole}, api: "${api}"`)).success).toBe(true);
  });
});

describe("what is refused, one problem at a time", () => {
  test.each<[string, string, Partial<ConfigIssue>]>([
    [
      "an unknown key",
      provider(`${whole}, timeout: 5`),
      {
        path: "models.providers.vllm.timeout",
        received: "an unknown key",
        accepted: "baseUrl, apiKey, auth, api, headers, authHeader, models",
        fix: "Remove timeout.",
      },
    ],
    [
      "a misspelled key",
      provider(`${whole}, base_url: "x"`),
      { path: "models.providers.vllm.base_url", fix: "Rename base_url to baseUrl, or remove it." },
    ],
    [
      "a key of another agent",
      `{ models: { vllmDiscovery: {} } }`,
      { path: "models.vllmDiscovery", accepted: "mode, providers, bedrockDiscovery", fix: "Remove vllmDiscovery." },
    ],
    [
      "a missing list of models",
      provider(`baseUrl: "x"`),
      {
        path: "models.providers.vllm.models",
        received: "nothing",
        accepted: "a list",
        fix: `Set models to a list such as [{ id: "<model-id>", name: "<model-id>" }].`,
      },
    ],
    [
      "a missing baseUrl",
      provider(`models: []`),
      {
        path: "models.providers.vllm.baseUrl",
        received: "nothing",
        accepted: "a string",
        fix: `Set baseUrl to "http://127.0.0.1:8000/v1".`,
      },
    ],
    [
      "an empty baseUrl",
      provider(`baseUrl: "", models: []`),
      { received: "an empty string", accepted: "a string that is not empty" },
    ],
    [
      "llama is in the agent's types, but not accepted",
      provider(`${whole}, api: "llama"`),
      { received: `"llama"`, fix: `Set api to "ollama".` },
    ],
    ["vllm is no protocol", provider(`${whole}, api: "vllm"`), { received: `"vllm"` }],
    [
      "a dash in auth, an underscore in profiles",
      provider(`${whole}, auth: "api_key"`),
      { received: `"api_key"`, accepted: `"api-key", "aws-sdk", "oauth", "token"`, fix: `Set auth to "api-key".` },
    ],
    [
      "an underscore in profiles",
      `{ auth: { profiles: { p: { provider: "vllm", mode: "api-key" } } } }`,
      { path: "auth.profiles.p.mode", fix: `Set mode to "api_key".` },
    ],
    [
      "a key in auth.profiles",
      `{ auth: { profiles: { p: { provider: "vllm", mode: "api_key", key: "sk-1" } } } }`,
      { path: "auth.profiles.p.key", fix: "Remove key." },
    ],
    [
      "a window of 0",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", contextWindow: 0 }]`),
      {
        path: "models.providers.vllm.models[0].contextWindow",
        received: "a number (0)",
        accepted: "a number above 0",
        fix: "Set contextWindow to the max_model_len that GET /v1/models shows.",
      },
    ],
    [
      "a window that is no number",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", contextWindow: NaN }]`),
      { received: "a number (NaN)", accepted: "a finite number" },
    ],
    [
      "a window in quotes",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", contextWindow: "4096" }]`),
      { received: "a string", accepted: "a finite number" },
    ],
    [
      "a kind of input that the agent has not",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", input: ["text", "audio"] }]`),
      {
        path: "models.providers.vllm.models[0].input[1]",
        received: `"audio"`,
        accepted: `"text", "image"`,
        fix: "Set input[1] to one of these.",
      },
    ],
    [
      "pi's key that this agent lacks",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", compat: { openRouterRouting: {} } }]`),
      { path: "models.providers.vllm.models[0].compat.openRouterRouting" },
    ],
    [
      "pi's value that this agent lacks",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", compat: { thinkingFormat: "qwen-chat-template" } }]`),
      { received: `"qwen-chat-template"`, accepted: `"openai", "zai", "qwen"` },
    ],
    [
      "a number as header",
      provider(`${whole}, headers: { a: 5 }`),
      { path: "models.providers.vllm.headers.a", received: "a number", accepted: "a string" },
    ],
    [
      "a text as provider",
      `{ models: { providers: { vllm: "http://x" } } }`,
      { received: "a string", accepted: "an object" },
    ],
    [
      "a text as model",
      `{ agents: { defaults: { model: "vllm/a" } } }`,
      {
        path: "agents.defaults.model",
        received: "a string",
        accepted: "an object",
        fix: `Set model to { primary: "vllm/<model-id>" }.`,
      },
    ],
    [
      "a key of a model's settings",
      `{ agents: { defaults: { models: { "vllm/org/a": { temperature: 0 } } } } }`,
      { path: `agents.defaults.models["vllm/org/a"].temperature`, accepted: "alias, params, streaming" },
    ],
    [
      "a mode that is none",
      `{ models: { mode: "mergee" } }`,
      { received: `"mergee"`, accepted: `"merge", "replace"`, fix: `Set mode to "merge".` },
    ],
    [
      "a word of another tool",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", max_model_len: 4096 }]`),
      { fix: "Rename max_model_len to contextWindow, or remove it." },
    ],
    [
      "a key that only begins like one of the agent's",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", compat: { supportsTools: true } }]`),
      { path: "models.providers.vllm.models[0].compat.supportsTools", fix: "Remove supportsTools." },
    ],
    [
      "a number in quotes",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", maxTokens: "4096" }]`),
      { received: "a string", fix: "Remove the quotes around the value of maxTokens." },
    ],
    [
      "true in quotes",
      provider(`${whole}, authHeader: "true"`),
      { received: "a string", fix: "Remove the quotes around the value of authHeader." },
    ],
    [
      "a price that is a word: the advice is not that for the kinds of input",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", cost: { input: "free" } }]`),
      {
        path: "models.providers.vllm.models[0].cost.input",
        fix: "Set input to a price for a million tokens, 0 for a model of your own.",
      },
    ],
    [
      "one price for all",
      provider(`baseUrl: "x", models: [{ id: "a", name: "a", cost: 0 }]`),
      { fix: "Set cost to { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }." },
    ],
    [
      "a list of allowed models: the advice is not that for a provider's models",
      `{ agents: { defaults: { models: ["vllm/a"] } } }`,
      { fix: `Set models to an object such as { "vllm/<model-id>": { alias: "fast" } }.` },
    ],
    [
      "an id instead of an entry",
      provider(`baseUrl: "x", models: ["Qwen/Qwen3-8B"]`),
      { received: "a string", fix: `Set models[0] to { id: "<model-id>", name: "<model-id>" }.` },
    ],
    [
      "a list of providers",
      `{ models: { providers: [{ id: "vllm" }] } }`,
      {
        fix: `Set providers to an object such as { vllm: { baseUrl: "http://127.0.0.1:8000/v1", apiKey: "\${VLLM_API_KEY}", models: [] } }.`,
      },
    ],
    [
      "providers at the top of the file",
      `{ providers: { vllm: { baseUrl: "x", models: [] } } }`,
      { path: "providers", fix: "Move providers to models.providers.", line: 1, column: 3 },
    ],
    [
      "a variable that is a number",
      `{ env: { vars: { A: 5 } } }`,
      { path: "env.vars.A", received: "a number", accepted: "a string" },
    ],
    ["null", `{ models: null }`, { path: "models", received: "null", accepted: "an object" }],
    [
      "a list as document",
      `[]`,
      {
        path: "",
        received: "a list",
        accepted: "an object",
        fix: "Set the document to an object.",
        line: 1,
        column: 1,
      },
    ],
    ["a text as document", ` "x"`, { path: "", received: "a string", line: 1, column: 2 }],
  ])("%s", (_, text, expected) => {
    const issues = issuesOf(text);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject(expected);
  });

  test.each<[string, string, number, number, string]>([
    ["nothing at all", "", 1, 1, "the end of the file"],
    ["a bracket that is not closed", "{\n  models: {\n", 3, 1, "the end of the file"],
    ["a stray colon", "{ a: 1,\r\n  b:: 2 }", 2, 5, `the character ':'`],
    ["a missing comma", `{ a: "x" b: 1 }`, 1, 10, `the character 'b'`],
    ["a line break in a string", `{ a: "x\n" }`, 1, 8, `the character '\\n'`],
    ["two documents", "{} {}", 1, 4, `the character '{'`],
    ["quotes of a word processor", `{ a: \u201cx\u201d }`, 1, 6, `the character '\u201c'`],
  ])("no JSON5: %s", (_, text, line, column, received) => {
    expect(issuesOf(text)).toEqual([expect.objectContaining({ path: "", received, accepted: "JSON5", line, column })]);
  });
});

test.each([
  ["quotes of a word processor", `{ a: \u201cx\u201d }`, `Use straight quotes: " or '.`],
  ["a comment of another language", "# mine\n{}", "Write comments as // text or /* text */."],
  ["YAML", "models:\n  providers:\n", "Begin the file with {. YAML and TOML are not read."],
  ["Python's words", "{ a: True }", "Write true, false and null in small letters."],
  ["a missing comma", `{ a: "x" b: 1 }`, "Look here and just before for a missing comma, quote or bracket."],
  ["a word without quotes", `{ a: Tiny }`, "Look here and just before for a missing comma, quote or bracket."],
])("what to do about %s", (_, text, fix) => {
  expect(issuesOf(text)[0]?.fix).toBe(fix);
});

describe("the text of the error", () => {
  test("one problem", () => {
    const { error } = safeParseHostConfig(provider(`${whole}, api: "openai-completion"`), {
      path: "/home/me/coderclaw.json",
    });
    expect(error?.message).toBe(
      `/home/me/coderclaw.json has 1 problem (received | accepted | what to change):
  1:88  models.providers.vllm.api: "openai-completion" | "openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai", "github-copilot", "bedrock-converse-stream", "ollama", "transformers" | Set api to "openai-completions".`,
    );
    expect(error?.hint).toBe("Correct the file. The agent refuses all of it for any one of these problems.");
    expect(error).toBeInstanceOf(ConfigError);
    expect(VllmError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", name: "ConfigError", isRetryable: false });
  });

  test("several problems of every kind, in the order of the file", () => {
    const text = `// my servers
{
  gateway: { token: "\${GATEWAY_TOKEN}" },
  models: {
    mod: "merge",
    providers: {
      vllm: {
        baseUrl: 8000,
        apikey: "sk-secret-1",
        apiKey: "\${VLLM_API_KEY}",
        headers: { Authorization: ["sk-secret-2"] },
        models: [
          { id: "Qwen/Qwen3-8B", name: "", contextWindow: 0, maxTokns: 3 },
          {},
        ],
      },
      other: { $include: "./other.json5" },
    },
  },
  agents: { defaults: { model: "vllm/x" } },
}`;
    const { error } = safeParseHostConfig(text, {
      env: { VLLM_API_KEY: "", GATEWAY_TOKEN: undefined },
      path: "coderclaw.json",
    });
    expect(error?.message).toBe(
      `coderclaw.json has 13 problems (received | accepted | what to change):
  3:21  gateway.token: "\${GATEWAY_TOKEN}", and GATEWAY_TOKEN is not set | a variable that is set and not empty | Set the environment variable GATEWAY_TOKEN, or write "$\${GATEWAY_TOKEN}" if the text is meant as it is.
  5:5  models.mod: an unknown key | mode, providers, bedrockDiscovery | Rename mod to mode, or remove it.
  8:18  models.providers.vllm.baseUrl: a number (8000) | a string | Set baseUrl to "http://127.0.0.1:8000/v1".
  9:9  models.providers.vllm.apikey: an unknown key | baseUrl, apiKey, auth, api, headers, authHeader, models | Rename apikey to apiKey, or remove it.
  10:17  models.providers.vllm.apiKey: "\${VLLM_API_KEY}", and VLLM_API_KEY is empty | a variable that is set and not empty | Set the environment variable VLLM_API_KEY, or write "$\${VLLM_API_KEY}" if the text is meant as it is.
  11:35  models.providers.vllm.headers.Authorization: a list | a string | Set Authorization to a string.
  13:40  models.providers.vllm.models[0].name: an empty string | a string that is not empty | Set name to a name for people, such as the id.
  13:59  models.providers.vllm.models[0].contextWindow: a number (0) | a number above 0 | Set contextWindow to the max_model_len that GET /v1/models shows.
  13:62  models.providers.vllm.models[0].maxTokns: an unknown key | id, name, api, reasoning, input, cost, contextWindow, maxTokens, headers, compat | Rename maxTokns to maxTokens, or remove it.
  14:11  models.providers.vllm.models[1].id: nothing | a string | Set id to the id that GET /v1/models shows.
  14:11  models.providers.vllm.models[1].name: nothing | a string | Set name to a name for people, such as the id.
  17:16  models.providers.other.$include: an include of "./other.json5", which is not resolved here | the values themselves | Move what models.providers.other includes into this file; until then nothing below it is read.
  20:32  agents.defaults.model: a string | an object | Set model to { primary: "vllm/<model-id>" }.`,
    );
    expect(error?.issues).toHaveLength(13);
  });

  test("a text without a name", () => {
    expect(() => parseHostConfig("{")).toThrow(
      "The config has 1 problem (received | accepted | what to change):\n  1:2  the end of the file | JSON5 | Close what is open: a bracket, a quote or a comment.",
    );
  });
});

function placeOf(text: string) {
  const [{ line, column } = {}] = issuesOf(text);
  return [line, column];
}

describe("places", () => {
  test.each<[string, string, number[]]>([
    ["a value", `{ models: { mode: 1 } }`, [1, 19]],
    ["a value after a comment of several lines", `{ /* models: {\n mode: 2 } */ models: { mode: 1 } }`, [2, 31]],
    ["brackets and colons in strings do not count", `{ a: "}],:{[", 'b\\'}': '"', models: { mode: 1 } }`, [1, 45]],
    ["Windows line ends", `{\r\n\r\n  models: {\r\n    mode: 1 } }`, [4, 11]],
    ["old Mac line ends", `{\r\r  models: {\r    mode: 1 } }`, [4, 11]],
    ["a byte order mark takes no column", `\uFEFF{ models: { mode: 1 } }`, [1, 19]],
    ["keys in quotes and with escapes", `{ "mod\\u0065ls": { 'mode': 1 } }`, [1, 28]],
    ["bare keys with escapes", `{ mod\\u0065ls: { mode: 1 } }`, [1, 24]],
    ["a string over two lines", `{ a: 'x\\\ny', models: { mode: 1 } }`, [2, 21]],
    ["the last of two keys counts, as for the agent", `{ models: { mode: 1 }, models: { mode: 2 } }`, [1, 40]],
    [
      "an item of a list in a list",
      `{ a: [[{ b: 1 }]], models: { providers: { x: { baseUrl: "x", models: [{ id: "a", name: "a", input: ["text", 7] }] } } } }`,
      [1, 109],
    ],
  ])("%s", (_, text, expected) => {
    expect(placeOf(text)).toEqual(expected);
  });

  test("of any value in any document, however it is written", () => {
    const blank = fc.constantFrom("", " ", "\n", "\r\n", "\t", "// x\n", "/* { */", "\u2028", "\u00a0");
    const key = fc.constantFrom("a", '"b c"', "'d}'", "$e", "\\u0066");
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("1", '"]"', "'\\'}'", "null", "-Infinity", "0x1F", ".5"),
        fc.array(tie("value") as fc.Arbitrary<string>, { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
        fc
          .array(fc.tuple(key, blank, tie("value") as fc.Arbitrary<string>), { maxLength: 3 })
          .map((entries) => `{${entries.map((entry) => `${entry[0]}${entry[1]}:${entry[2]}`).join(",")}}`),
      ),
    })).value as fc.Arbitrary<string>;
    fc.assert(
      fc.property(value, blank, blank, (before, one, two) => {
        const head = `{${one}before:${before},${two}models:${one}{mode:`;
        const lines = head.split(/\r\n|\n|\r/);
        const expected = [lines.length, (lines.at(-1) ?? "").length + 1];
        expect(placeOf(`${head}7}}`)).toEqual(expected);
      }),
    );
  });
});

function nested(levels: number) {
  return `{ gateway: ${"[".repeat(levels)}${"]".repeat(levels)} }`;
}

describe("hostile and huge texts", () => {
  test("keys named __proto__ change nothing", () => {
    const config = parseHostConfig(
      `{ "__proto__": { polluted: 1 }, models: { providers: { "__proto__": { baseUrl: "x", models: [] } } }, gateway: { __proto__: { polluted: 1 }, constructor: 1 } }`,
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((config as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(config.models?.providers).toEqual({});
    expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
  });

  test("100 levels are taken, more are a problem and no crash", () => {
    expect(safeParseHostConfig(nested(99)).success).toBe(true);
    expect(issuesOf(nested(100_000))).toEqual([
      expect.objectContaining({ received: "a value more than 100 levels deep", line: 1 }),
    ]);
  });

  test("a file of half a megabyte, with a problem at its end", () => {
    const filler = `{ a: 'x\\n y', b: [1, 2, { c: "d" }] }, /* , */\n`.repeat(10_000);
    expect(issuesOf(`{ gateway: [${filler}], models: { mode: "x" } }`)).toEqual([
      expect.objectContaining({ path: "models.mode", line: 10_001, column: 20 }),
    ]);
  });

  test("two thousand problems", () => {
    const issues = issuesOf(provider(`baseUrl: "x", models: [${"{},".repeat(1000)}]`));
    expect(issues).toHaveLength(2000);
    expect(issues.at(-1)).toMatchObject({ path: "models.providers.vllm.models[999].name", column: 3054 });
  });

  test("no text makes it throw anything but a ConfigError", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{ models: ${json} }`),
          fc.json().map((json) => provider(json.slice(1, -1))),
        ),
        (text) => {
          const result = safeParseHostConfig(text, { env: {} });
          if (!result.success) expect(result.error).toBeInstanceOf(ConfigError);
        },
      ),
    );
  });
});

describe("secrets", () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9_$ {}.-]{3,40}$/).map((text) => `q7Zx${text}`);
  const templates: Readonly<Record<string, (value: string) => string>> = {
    "a key where a text is right": (value) => provider(`apiKey: ${value}, models: 1, baseUrl: 1`),
    "a list as key": (value) => provider(`apiKey: [${value}], models: [], baseUrl: "x"`),
    "a misspelled key": (value) => provider(`apikey: ${value}, models: [], baseUrl: "x"`),
    "a key in another place": (value) =>
      provider(`auth: ${value}, api: ${value}, models: ${value}, authHeader: ${value}, baseUrl: 1`),
    "a header": (value) =>
      provider(`headers: { a: ${value}, b: [${value}], c: { d: ${value} } }, models: [], baseUrl: "x"`),
    "headers as text": (value) => provider(`headers: ${value}, models: [], baseUrl: "x"`),
    "a model's header": (value) =>
      provider(`models: [{ headers: { a: { b: ${value} } }, id: ${value}, name: 1 }], baseUrl: "x"`),
    "a profile": (value) => `{ auth: { profiles: { p: { provider: 1, mode: ${value}, key: ${value} } } } }`,
    "a broken file": (value) => `{ models: { apiKey: ${value} ${value}`,
  };

  test.each(Object.keys(templates))("%s", (name) => {
    fc.assert(
      fc.property(secret, (text) => {
        const { error } = safeParseHostConfig(templates[name]!(JSON.stringify(text)), { env: {} });
        expect(error).toBeDefined();
        // A word that could be meant for a setting of few words is shown; nothing longer is.
        const shown = `${error!.message} ${error!.hint} ${JSON.stringify(error)}`;
        if (!/^[a-z][a-z0-9_-]{0,23}$/i.test(text)) expect(shown).not.toContain("q7Zx");
        expect(shown).not.toContain(`apiKey: ${text}`);
      }),
    );
  });

  test("values of variables are never shown", () => {
    const { error } = safeParseHostConfig(
      provider(`baseUrl: "\${URL}", api: "\${API}", apiKey: "\${KEY}", models: ["\${KEY}"], auth: "\${KEY}"`),
      {
        env: { URL: "planted-url", API: "planted-api", KEY: "planted-key" },
      },
    );
    expect(error?.issues.map(({ path, received }) => [path, received])).toEqual([
      ["models.providers.vllm.api", `"\${API}"`],
      ["models.providers.vllm.models[0]", "a string"],
      ["models.providers.vllm.auth", `"\${KEY}"`],
    ]);
    expect(JSON.stringify(error)).not.toContain("planted");
  });

  test.each(["sk-1234", "hf_abc", "gsk_x", "a-text-of-more-than-24-letters", "two words", "a.b"])(
    "%s is not shown where few words are right",
    (text) => {
      expect(issuesOf(provider(`${whole}, api: ${JSON.stringify(text)}`))[0]?.received).toBe("a string");
    },
  );
});
