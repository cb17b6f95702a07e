import type { ServerReport } from "@vllm/discovery";
import { describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import type { JsonObject } from "../config-file/json-value.ts";
import type { Installation } from "../agent-config/installation.ts";
import type { AgentId } from "../agents/agent-location.ts";
import type { AdapterFindingCode } from "./adapter-finding.ts";
import { ADAPTER_FINDING_CODES } from "./adapter-finding.ts";
import type { AgentSituation } from "./agent-situation.ts";
import { diagnoseAgent, diagnoseInstallation } from "./diagnose-agent.ts";
import { mergeAlike } from "./merge-alike.ts";

function reportOf(...models: { id: string; contextWindow?: number; developerRole?: string }[]): ServerReport {
  const served = models.map(({ developerRole, ...rest }) => ({
    ...rest,
    profile: { history: { value: { developerRole } } },
  }));
  return { state: "ready", apiRoot: "http://gpu1:8000/v1", models: served } as unknown as ServerReport;
}

const model = (id: string, contextWindow = 131_072, more: object = {}): JsonObject => ({
  id,
  name: id,
  contextWindow,
  maxTokens: 8192,
  ...more,
});

function situation(
  settings: JsonObject | undefined,
  more: Partial<AgentSituation> & { primary?: string } = {},
): AgentSituation {
  const { primary, ...rest } = more;
  return {
    agent: "coderclaw",
    config: {
      models: { providers: settings === undefined ? {} : { vllm: { baseUrl: "http://gpu1:8000/v1", ...settings } } },
      ...(primary === undefined ? {} : { agents: { defaults: { model: { primary } } } }),
    },
    env: {},
    missingVariables: [],
    providerId: "vllm",
    key: "k",
    ...rest,
  };
}

const installed: Installation = {
  plugin: { folder: undefined, disabledBy: undefined, namedBy: undefined, refreshesModels: false },
  service: undefined,
  modelsFile: undefined,
  fileEnv: {},
  envFile: "/home/me/.coderclaw/.env",
};
const plugin = { ...installed.plugin, folder: "/p/coderclaw-adapter" };

const codes = (input: AgentSituation): string[] =>
  diagnoseAgent(input).map((finding) => `${finding.severity} ${finding.code}`);

const seen = new Set<string>();

/** The body of a test: this situation has this finding, with a fix and without a secret. */
const reports = (code: AdapterFindingCode, input: AgentSituation, message: RegExp) => (): void => {
  const finding = diagnoseAgent(input).find((candidate) => candidate.code === code);
  seen.add(code);
  expect(finding?.message).toMatch(message);
  expect(finding?.fix).not.toBe("");
  expect(JSON.stringify(finding)).not.toMatch(/sk-1234|cat key/);
};

describe("diagnoseAgent", () => {
  verifies(
    "agent/coderclaw/variable-missing",
    "the doctor's finding",
    reports(
      "VARIABLE_MISSING",
      situation({ models: [model("a")], apiKey: "${KEY}" }, { missingVariables: ["KEY", "OTHER"] }),
      /\$\{KEY\} \(models\.providers\.vllm\.apiKey\) and \$\{OTHER\}, which are not set.*ignores the whole file/,
    ),
  );

  verifies(
    "agent/coderclaw/provider-id-case",
    reports(
      "PROVIDER_ID_CASE",
      { ...situation(undefined), config: { models: { providers: { vLLM: {} } } } },
      /the agent would have both/,
    ),
  );

  test("nothing is configured", reports("PROVIDER_MISSING", situation(undefined), /No vLLM server is configured/));

  verifies("agent/coderclaw/empty-model-list", reports("PROVIDER_HAS_NO_MODELS", situation({ models: [] }), /200000/));

  verifies(
    "agent/coderclaw/include-doubles-models",
    "a doubled list is reported",
    reports("MODEL_LISTED_TWICE", situation({ models: [model("a"), model("a")] }), /twice/),
  );

  verifies(
    "agent/coderclaw/engine-unknown-model",
    "the doctor reports it, too",
    reports(
      "MODEL_NOT_SERVED",
      situation(
        { models: [model("Qwen/Qwen3-14B")] },
        { report: reportOf({ id: "Qwen/Qwen3-8B" }), primary: "vllm/Qwen/Qwen3-14B" },
      ),
      /The default model Qwen\/Qwen3-14B is not served here. Served: Qwen\/Qwen3-8B/,
    ),
  );

  verifies(
    "agent/openclaw/unlisted-model",
    "as the default",
    reports(
      "DEFAULT_MODEL_NOT_CONFIGURED",
      situation({ models: [model("a")] }, { primary: "vllm/b", agent: "openclaw" }),
      /200000/,
    ),
  );

  test(
    "the default is another provider's",
    reports("DEFAULT_MODEL_ELSEWHERE", situation({ models: [model("a")] }, { primary: "openai/g" }), /openai\/g/),
  );

  test(
    "the default is a word that names no model of this provider",
    reports(
      "DEFAULT_MODEL_ELSEWHERE",
      situation({ models: [model("a")] }, { primary: "gpt" }),
      /^The default model is gpt, not one of vllm\./,
    ),
  );

  verifies(
    "agent/coderclaw/window-too-large",
    reports(
      "WINDOW_TOO_LARGE_IN_CONFIG",
      situation({ models: [model("a", 128_000)] }, { report: reportOf({ id: "a", contextWindow: 32_768 }) }),
      /128000 tokens, the server ends at 32768/,
    ),
  );

  test(
    "the window could be larger",
    reports(
      "WINDOW_OUT_OF_DATE",
      situation({ models: [model("a", 32_768)] }, { report: reportOf({ id: "a", contextWindow: 131_072 }) }),
      /could take 131072/,
    ),
  );

  verifies(
    "agent/coderclaw/engine-pictures",
    "an entry that lacks them is reported",
    reports(
      "FIELD_OUT_OF_DATE",
      situation(
        { models: [model("a")] },
        { found: [{ id: "a", entry: { input: ["text", "image"], reasoning: false }, reasons: [] }] },
      ),
      /Pictures are dropped/,
    ),
  );

  verifies(
    "agent/coderclaw/developer-role",
    "reported where the template rejects it",
    reports(
      "DEVELOPER_ROLE_SENT",
      situation(
        { models: [model("a", 131_072, { reasoning: true })] },
        { report: reportOf({ id: "a", contextWindow: 131_072, developerRole: "rejected" }) },
      ),
      /role developer, which the model's chat template refuses/,
    ),
  );

  verifies(
    "agent/coderclaw/smallest-window",
    "a window that is refused",
    reports(
      "WINDOW_BELOW_HOST_MINIMUM",
      situation({ models: [model("a", 8192)] }),
      /the window is 8192 tokens, and CoderClaw refuses to run below 16000/,
    ),
  );

  verifies(
    "agent/coderclaw/smallest-window",
    "the configuration's window is refused, the server's would do",
    reports(
      "WINDOW_BELOW_HOST_MINIMUM",
      situation({ models: [model("a", 8192)] }, { report: reportOf({ id: "a", contextWindow: 32_768 }) }),
      /refuses to run below 16000. The server could take 32768/,
    ),
  );

  verifies(
    "agent/coderclaw/room-for-prompt",
    "the doctor's finding",
    reports("NO_ROOM_FOR_THE_PROMPT", situation({ models: [model("a", 16_384)] }), /no room/),
  );

  verifies(
    "agent/coderclaw/smallest-window",
    "early compaction is a hint",
    reports("COMPACTION_STARTS_EARLY", situation({ models: [model("a", 32_768)] }), /from 12768 tokens on/),
  );

  verifies(
    "agent/coderclaw/base-url-v1",
    "the doctor's finding",
    reports(
      "BASE_URL_WITHOUT_V1",
      situation({ baseUrl: "http://gpu1:8000/", models: [model("a")] }),
      /http:\/\/gpu1:8000\/chat\/completions/,
    ),
  );

  verifies(
    "agent/coderclaw/key-not-in-config",
    "a key in clear text is reported",
    reports("KEY_IN_CONFIG", situation({ apiKey: "sk-1234", models: [model("a")] }), /clear text/),
  );

  verifies(
    "agent/coderclaw/key-executed",
    "a configured key",
    reports("KEY_WOULD_BE_EXECUTED", situation({ apiKey: "!cat key", models: [model("a")] }), /shell command/),
  );

  verifies(
    "agent/coderclaw/key-executed",
    "a configured header",
    reports(
      "KEY_WOULD_BE_EXECUTED",
      situation({ headers: { "X-Key": "!cat key" }, models: [model("a")] }),
      /headers.X-Key starts with "!"/,
    ),
  );

  verifies(
    "agent/coderclaw/key-is-variable-name",
    "VLLM_API_KEY is one for the provider vllm only",
    reports(
      "KEY_IS_A_VARIABLE_NAME",
      {
        ...situation(undefined, { providerId: "vllm-b", key: "VLLM_API_KEY" }),
        config: {
          models: { providers: { "vllm-b": { baseUrl: "http://h/v1", apiKey: "VLLM_API_KEY", models: [model("a")] } } },
        },
      },
      /the name itself is sent/,
    ),
  );

  verifies(
    "agent/coderclaw/key-is-variable-name",
    "a configured header",
    reports(
      "KEY_IS_A_VARIABLE_NAME",
      situation({ headers: { "X-Key": "MY_KEY" }, models: [model("a")] }, { env: { MY_KEY: "v" } }),
      /headers.X-Key is the name/,
    ),
  );

  verifies(
    "agent/coderclaw/keyless-placeholder",
    "the doctor's finding",
    reports(
      "KEY_MISSING_FOR_HOST",
      situation({ models: [model("a")] }, { key: undefined }),
      /refuses to run without one/,
    ),
  );

  verifies(
    "agent/coderclaw/key-cooldown",
    "the doctor's finding",
    reports(
      "KEY_HELD_BACK",
      situation({ models: [model("a")] }, { keyHeldBackUntil: Date.UTC(2026, 0, 2, 3, 4, 5) }),
      /until 2026-01-02T03:04:05.000Z/,
    ),
  );

  verifies(
    "agent/openclaw/model-policy",
    reports(
      "MODEL_NOT_ALLOWED",
      {
        ...situation({ models: [model("a")] }, { agent: "openclaw" }),
        config: {
          models: { providers: { vllm: { baseUrl: "http://h/v1", models: [model("a")] } } },
          agents: { defaults: { model: "vllm/a", modelPolicy: { allow: ["openai/*"] } } },
        },
      },
      /does not allow the default model vllm\/a/,
    ),
  );

  verifies(
    "agent/coderclaw/allowlist",
    "a list that leaves every model of the server out is reported",
    reports(
      "MODEL_NOT_ALLOWED",
      {
        ...situation(undefined),
        config: {
          models: { providers: { vllm: { baseUrl: "http://h/v1", models: [model("a")] } } },
          agents: { defaults: { model: { primary: "openai/g" }, models: { "openai/g": {} } } },
        },
      },
      /^a: agents\.defaults\.models.*refuses it for \/model/,
    ),
  );

  test(
    "a service does not have the shell's variables: the key",
    reports(
      "VARIABLE_ONLY_IN_SHELL",
      situation(
        { models: [model("a")] },
        {
          env: { VLLM_API_KEY: "sk-1234" },
          keySource: "VLLM_API_KEY",
          installation: { ...installed, service: { path: "/u/coderclaw-gateway.service", variables: ["HOME"] } },
        },
      ),
      /^VLLM_API_KEY is set in this shell, but not for the gateway's service \(\/u\/coderclaw-gateway.service\), which has no key/,
    ),
  );

  verifies(
    "agent/coderclaw/plugin-missing",
    reports(
      "PLUGIN_MISSING",
      situation(
        { models: [model("a")] },
        { installation: { ...installed, plugin: { ...installed.plugin, namedBy: "plugins.allow" } } },
      ),
      /^plugins\.allow names the plugin coderclaw-adapter, which is not installed/,
    ),
  );

  test(
    "the plugin is there and not loaded",
    reports(
      "PLUGIN_DISABLED",
      situation(undefined, { installation: { ...installed, plugin: { ...plugin, disabledBy: "plugins.deny" } } }),
      /plugins\.deny keeps CoderClaw from loading it/,
    ),
  );

  verifies(
    "agent/coderclaw/models-json-leftovers",
    reports(
      "MODELS_FILE_OUT_OF_DATE",
      situation(undefined, {
        key: undefined,
        installation: {
          ...installed,
          modelsFile: { path: "/a/models.json", providers: { vllm: { baseUrl: "http://me:sk-1234@old:8000/v1" } } },
        },
      }),
      /^\/a\/models\.json still has the provider vllm at http:\/\/.*old:8000/,
    ),
  );

  verifies(
    "agent/coderclaw/proxy-for-local-server",
    reports(
      "PROXY_IN_THE_WAY",
      situation({ models: [model("a")] }, { env: { HTTP_PROXY: "http://p" }, report: reportOf({ id: "a" }) }),
      /through that proxy/,
    ),
  );

  test.each([
    ["coderclaw", "http", "HTTP_PROXY", true],
    ["coderclaw", "http", "http_proxy", true],
    ["coderclaw", "http", "HTTPS_PROXY", false],
    ["coderclaw", "http", "ALL_PROXY", false],
    ["coderclaw", "https", "HTTPS_PROXY", true],
    ["coderclaw", "https", "HTTP_PROXY", true],
    ["coderclaw", "https", "ALL_PROXY", false],
    ["openclaw", "http", "ALL_PROXY", true],
    ["openclaw", "http", "HTTPS_PROXY", false],
  ] as const)("%s, %s: %s is in the way: %s", (agent, protocol, variable, isReported) => {
    const report = { ...reportOf({ id: "a" }), apiRoot: `${protocol}://gpu1:8000/v1` };
    const found = diagnoseAgent({
      ...situation({ models: [model("a")] }),
      agent,
      report,
      env: { [variable]: "http://p" },
    });
    expect(found.some(({ code }) => code === "PROXY_IN_THE_WAY")).toBe(isReported);
  });

  test.each<[string, Partial<ServerReport>, Record<string, string>, string]>([
    ["the proxy let this command through, too", {}, { HTTP_PROXY: "http://p" }, "info"],
    ["so it did with ALL_PROXY", {}, { ALL_PROXY: "http://p" }, "info"],
    ["no server was reached through it", { state: "unreachable" }, { HTTP_PROXY: "http://p" }, "warning"],
    [
      "this command never asks it for this machine",
      { apiRoot: "http://127.0.0.1:8000/v1" },
      { HTTP_PROXY: "http://p" },
      "warning",
    ],
    ["only this command understands the exception", {}, { HTTP_PROXY: "http://p", NO_PROXY: "10.0.0.0/8" }, "warning"],
  ])("PROXY_IN_THE_WAY, %s", (_, changed, env, severity) => {
    const report = { ...reportOf({ id: "a" }), ...changed };
    const found = diagnoseAgent({ ...situation({ models: [model("a")] }), agent: "openclaw", report, env });
    const finding = found.find(({ code }) => code === "PROXY_IN_THE_WAY");
    expect(finding?.severity).toBe(severity);
    expect(finding?.fix.startsWith("export NO_PROXY=")).toBe(severity === "warning");
  });

  verifies("agent/coderclaw/key-not-in-config", "a key in clear text goes where each agent keeps keys", () => {
    const input = situation({ apiKey: "sk-1234", models: [model("a")] });
    const fixOf = (agent: AgentId) =>
      diagnoseAgent({ ...input, agent }).find(({ code }) => code === "KEY_IN_CONFIG")?.fix;
    expect(fixOf("coderclaw")).toContain('Write "VLLM_API_KEY" there, the name alone: npx @vllm/connect setup');
    expect(fixOf("openclaw")).toContain('Write "${VLLM_API_KEY}" there');
  });

  test("every code has a case, or stands with the bridge", () => {
    expect(ADAPTER_FINDING_CODES.filter((code) => !seen.has(code))).toEqual(["BRIDGE_NOT_RUNNING"]);
  });

  test("a variable that only this shell has: an error for a service without it, a hint where there is no service", () => {
    const of = (service: Installation["service"], fileEnv = {}, more = {}) =>
      diagnoseAgent({
        ...situation(
          { apiKey: "${MY_KEY}", models: [model("a")] },
          { env: { MY_KEY: "k", VLLM_API_KEY: "v" }, keySource: "VLLM_API_KEY", primary: "vllm/a" },
        ),
        installation: { ...installed, service, fileEnv },
        ...more,
      }).map(({ severity, code, message }) => `${severity} ${code} ${message.split(" ")[0]}`);
    const both = (severity: string) => [
      `${severity} VARIABLE_ONLY_IN_SHELL MY_KEY`,
      `${severity} VARIABLE_ONLY_IN_SHELL VLLM_API_KEY`,
    ];
    const service = { path: "/u/s.service", variables: ["PATH"] };
    expect(of(service)).toEqual(both("error"));
    expect(of(undefined)).toEqual(both("info"));
    expect(of(service, { MY_KEY: "k" })).toEqual(both("error").slice(1));
    expect(of({ ...service, variables: ["MY_KEY", "VLLM_API_KEY"] })).toEqual([]);
    expect(of({ ...service, variables: undefined })).toEqual([]);
    expect(of(service, {}, { keySource: "the stored profile of vllm" })).toEqual(both("error").slice(0, 1));
    expect(of(service, {}, { installation: undefined })).toEqual([]);
  });

  test("the advice for a variable: the key is stored, with its provider; another one is set for the service", () => {
    const fixes = diagnoseAgent({
      ...situation(undefined, { env: { VLLM_API_KEY: "v", URL_OF: "u" }, keySource: "VLLM_API_KEY" }),
      providerId: "vllm-b",
      config: { models: { providers: { "vllm-b": { baseUrl: "${URL_OF}", models: [model("a")] } } } },
      installation: installed,
    }).flatMap(({ code, fix }) => (code === "VARIABLE_ONLY_IN_SHELL" ? [fix] : []));
    expect(fixes).toEqual([
      "Set URL_OF in /home/me/.coderclaw/.env, then restart the gateway.",
      expect.stringMatching(/^npx @vllm\/connect setup --store-key --provider vllm-b /),
    ]);
  });

  test("CoderClaw's allowlist: the default runs in any case; a fallback that is skipped weighs more than a model for /model", () => {
    const of = (models: JsonObject, fallbacks: string[] = [], primary = "vllm/a") =>
      diagnoseAgent({
        ...situation({ apiKey: "VLLM_API_KEY", models: [model("a"), model("b"), model("c")] }),
        config: {
          models: { providers: { vllm: { baseUrl: "http://h/v1", models: [model("a"), model("b"), model("c")] } } },
          agents: { defaults: { model: { primary, fallbacks }, models } },
        },
      }).flatMap(({ code, severity, model: id }) => (code === "MODEL_NOT_ALLOWED" ? [`${severity} ${id}`] : []));
    expect(of({})).toEqual([]);
    expect(of({ "vllm/a": {} })).toEqual(["info b", "info c"]);
    expect(of({ "openai/g": {} }, ["vllm/b"])).toEqual(["warning b", "info c"]);
    expect(of({ "VLLM/a": { alias: "A" }, " vllm/b ": {}, "vllm/c": {} }, ["c"], "a")).toEqual([]);
    expect(of({ "openai/g": {} }, [], "openai/g")).toEqual(["warning a", "warning b", "warning c"]);
  });

  test("CoderClaw's allowlist and a server that it discovers by itself: the served models are judged", () => {
    const input = situation(undefined, { report: reportOf({ id: "a" }) });
    const agents = { defaults: { models: { "openai/g": {} } } };
    expect(codes({ ...input, config: { agents } })).toContain("warning MODEL_NOT_ALLOWED");
  });

  test("the plugin: where it refreshes the windows, CoderClaw's guess is no problem; switched off it matters only then", () => {
    const env = { VLLM_API_KEY: "k" };
    const report = reportOf({ id: "a", contextWindow: 32_768 });
    const refreshing = { ...installed, plugin: { ...plugin, refreshesModels: true }, fileEnv: env };
    expect(diagnoseAgent(situation(undefined, { env, report, installation: refreshing }))).toMatchObject([
      { code: "PROVIDER_MISSING", severity: "info", message: expect.stringContaining("our plugin replaces") },
    ]);
    const disabled = { ...installed, plugin: { ...plugin, disabledBy: "plugins.allow" }, fileEnv: env };
    expect(codes(situation(undefined, { env, report, installation: disabled }))).toEqual([
      "warning PLUGIN_DISABLED",
      "warning PROVIDER_MISSING",
    ]);
    const good = { apiKey: "VLLM_API_KEY", models: [model("a")] };
    expect(codes(situation(good, { installation: disabled, primary: "vllm/a" }))).toEqual(["info PLUGIN_DISABLED"]);
  });

  test.each([
    ["plugins.enabled", /^Set plugins\.enabled to true/],
    ["plugins.deny", /^Remove coderclaw-adapter from plugins\.deny/],
    ["plugins.allow", /^npx @vllm\/connect init-plugin$/],
    ["plugins.entries.coderclaw-adapter.enabled", /^Set plugins\.entries\.coderclaw-adapter\.enabled to true/],
  ])("a plugin that %s switches off: what to change", (disabledBy, fix) => {
    const input = situation(undefined, { installation: { ...installed, plugin: { ...plugin, disabledBy } } });
    expect(diagnoseAgent(input).find(({ code }) => code === "PLUGIN_DISABLED")?.fix).toMatch(fix);
  });

  test("models.json: only vLLM servers that nobody configures or discovers, and only where CoderClaw merges", () => {
    const of = (more: Partial<AgentSituation>, mode = "merge", id = "vllm") =>
      diagnoseAgent({
        ...situation(undefined, { key: undefined }),
        config: { models: { mode, providers: { "vllm-a": { baseUrl: "http://a/v1", models: [model("a")] } } } },
        installation: {
          ...installed,
          modelsFile: { path: "/m.json", providers: { [id]: {}, "vllm-a": {}, openai: {} } },
        },
        ...more,
      }).flatMap(({ code, message }) => (code === "MODELS_FILE_OUT_OF_DATE" ? [message.split(",")[0]] : []));
    expect(of({})).toEqual(["/m.json still has the provider vllm"]);
    expect(of({ key: "k" })).toEqual([]);
    expect(of({ key: "k", providerId: "vllm-a" })).toEqual([]);
    expect(of({ key: "k" }, "merge", "vllm-gone")).toEqual(["/m.json still has the provider vllm-gone"]);
    expect(of({}, "replace")).toEqual([]);
  });

  test("what is wrong with the installation is found without a server, and first", () => {
    const input = situation(
      { apiKey: "${X}", models: [] },
      { missingVariables: ["X"], installation: { ...installed, plugin: { ...plugin, disabledBy: "plugins.deny" } } },
    );
    expect(diagnoseInstallation(input).map(({ code }) => code)).toEqual(["VARIABLE_MISSING", "PLUGIN_DISABLED"]);
    expect(codes(input)[0]).toBe("error VARIABLE_MISSING");
  });

  test("the developer role: only where it is sent and the template does not bear it; sync cannot change the user's word", () => {
    const of = (more: object, developerRole = "dropped", agent: AgentId = "coderclaw") =>
      diagnoseAgent(
        situation(
          { apiKey: "VLLM_API_KEY", models: [model("a", 131_072, more)] },
          { agent, primary: "vllm/a", report: reportOf({ id: "a", contextWindow: 131_072, developerRole }) },
        ),
      ).map(({ code, fix }) => `${code} ${fix}`);
    expect(of({ reasoning: true })).toEqual(["DEVELOPER_ROLE_SENT npx @vllm/connect sync"]);
    expect(of({ reasoning: true, compat: { supportsDeveloperRole: true } })).toEqual([
      "DEVELOPER_ROLE_SENT Set compat.supportsDeveloperRole to false.",
    ]);
    for (const fine of [
      of({ reasoning: true, compat: { supportsDeveloperRole: false } }),
      of({ reasoning: false }),
      of({ reasoning: true }, "kept"),
      of({ reasoning: true }, "dropped", "openclaw"),
    ])
      expect(fine).toEqual([]);
  });

  test("of a model that nobody uses and that is not served, only that is said", () => {
    const input = situation(
      { apiKey: "VLLM_API_KEY", models: [model("a"), model("old", 4096), model("older", 8192)] },
      { primary: "vllm/a", report: reportOf({ id: "a", contextWindow: 131_072 }) },
    );
    expect(codes(input)).toEqual(["warning MODEL_NOT_SERVED", "warning MODEL_NOT_SERVED"]);
    expect(mergeAlike(diagnoseAgent(input)).map(({ message }) => message)).toEqual([
      "old, older: configured, and not served at the moment. The server serves a.",
    ]);
  });

  verifies.each("agent/coderclaw/model-ref", ["Qwen/Qwen3-8B", "tiny"], (id) => {
    const input = situation({ apiKey: "VLLM_API_KEY", models: [model(id)] }, { primary: id });
    expect(diagnoseAgent(input)).toMatchObject([
      { code: "DEFAULT_MODEL_ELSEWHERE", severity: "error", fix: expect.stringContaining(`vllm/${id}`) },
    ]);
  });

  test("an alias as the default model is the model it stands for", () => {
    const input = situation({ apiKey: "VLLM_API_KEY", models: [model("a")] });
    const defaults = { model: { primary: "Fav" }, models: { "vllm/a": { alias: "fav" } } };
    expect(codes({ ...input, config: { ...input.config, agents: { defaults } } })).toEqual([]);
  });

  verifies("agent/coderclaw/true-window", "a guess that is larger than the server's is a warning", () => {
    const of = (contextWindow: number) =>
      diagnoseAgent(situation(undefined, { env: { VLLM_API_KEY: "k" }, report: reportOf({ id: "a", contextWindow }) }));
    expect(of(32_768)).toMatchObject([{ severity: "warning", message: expect.stringContaining("ends at 32768") }]);
    expect(of(131_072)).toMatchObject([{ severity: "info" }]);
  });

  test("a window that the agent refuses is said once, whatever the configuration says", () => {
    const input = situation(
      { apiKey: "VLLM_API_KEY", models: [model("a", 128_000)] },
      { primary: "vllm/a", report: reportOf({ id: "a", contextWindow: 4096 }) },
    );
    expect(diagnoseAgent(input).map(({ message }) => message)).toEqual([
      "a: the window is 4096 tokens (the configuration says 128000), and CoderClaw refuses to run below 16000.",
    ]);
  });

  verifies(
    "agent/openclaw/smallest-window",
    "it counts for what OpenClaw plans with; less than its own prompt is a warning",
    () => {
      const of = (contextWindow: number, contextTokens?: number) =>
        diagnoseAgent(
          situation(
            { models: [model("a", contextWindow, contextTokens === undefined ? {} : { contextTokens })] },
            { agent: "openclaw", primary: "vllm/a", report: reportOf({ id: "a", contextWindow }) },
          ),
        ).map(({ severity, code, message }) => `${severity} ${code} ${message}`);
      expect(of(4096, 3686)).toEqual([
        "error WINDOW_BELOW_HOST_MINIMUM a: the window is 4096 tokens, of which the agent plans with 3686, and OpenClaw refuses to run below 4000.",
      ]);
      expect(of(131_072, 3000)).toEqual([
        "error WINDOW_BELOW_HOST_MINIMUM a: contextTokens is 3000, and OpenClaw refuses to run below 4000.",
      ]);
      expect(of(4096)).toEqual([expect.stringMatching(/^warning NO_ROOM_FOR_THE_PROMPT .* 4096 tokens.* about 10000/)]);
      expect(of(8192, 7372)).toEqual([
        expect.stringMatching(/^warning NO_ROOM_FOR_THE_PROMPT a: OpenClaw may fill 7372/),
      ]);
      expect(of(16_384, 14_745)).toEqual([]);
    },
  );

  test("what sync would leave alone is not advised to be synced", () => {
    const kept = [{ model: "a", field: "contextWindow", kept: 200_000, found: 32_768 }];
    const report = reportOf({ id: "a", contextWindow: 32_768 }, { id: "b", contextWindow: 32_768 });
    const models = [model("a", 200_000), model("b", 200_000)];
    const fixes = diagnoseAgent(situation({ apiKey: "VLLM_API_KEY", models }, { report, kept, primary: "vllm/a" }))
      .filter(({ code }) => code === "WINDOW_TOO_LARGE_IN_CONFIG")
      .map(({ fix }) => fix);
    expect(fixes).toEqual([expect.stringMatching(/^You wrote it.*contextWindow to 32768/), "npx @vllm/connect sync"]);
  });

  test("a key that a missing variable should hold is missed once", () => {
    const input = situation(
      { apiKey: "${KEY}", models: [model("a")] },
      { key: undefined, missingVariables: ["KEY"], primary: "vllm/a" },
    );
    expect(codes(input)).toEqual(["error VARIABLE_MISSING"]);
  });

  test("a default of another of the user's servers is no finding", () => {
    const input = situation({ apiKey: "VLLM_API_KEY", models: [model("a")] }, { primary: "vllm-b/x" });
    const providers = { ...(input.config["models"] as { providers: object }).providers, "vllm-b": {} };
    expect(codes({ ...input, config: { ...input.config, models: { providers } } })).toEqual([]);
  });

  verifies("agent/coderclaw/include-doubles-models", "sync is no advice there", () => {
    const input = situation(
      { apiKey: "VLLM_API_KEY", models: [] },
      { primary: "openai/g", includedFrom: "/c/models.json5" },
    );
    expect(diagnoseAgent(input)[0]?.fix).toMatch(/^Change it in \/c\/models\.json5/);
  });

  test("a good configuration has none", () => {
    const good = { apiKey: "VLLM_API_KEY", models: [model("a", 131_072, { input: ["text"], reasoning: true })] };
    const found = [{ id: "a", entry: { input: ["text"], reasoning: true }, reasons: [] }];
    const report = reportOf({ id: "a", contextWindow: 131_072 });
    for (const agent of ["coderclaw", "openclaw"] as const)
      expect(codes(situation(good, { report, found, primary: "vllm/a", agent }))).toEqual([]);
  });

  test("the worst comes first", () => {
    const input = situation(
      { models: [model("a", 32_768)], apiKey: "sk-1234" },
      { missingVariables: ["X"], primary: "vllm/a" },
    );
    expect(codes(input)).toEqual(["error VARIABLE_MISSING", "warning KEY_IN_CONFIG", "info COMPACTION_STARTS_EARLY"]);
  });

  test("a server that could not be asked says nothing about the models", () => {
    const report = { ...reportOf(), state: "unreachable" } as ServerReport;
    expect(codes(situation({ models: [model("a")] }, { report, primary: "vllm/a" }))).toEqual([]);
  });

  test("NO_PROXY, placeholders for keyless servers and OpenClaw's smaller minimum are fine", () => {
    const env = { HTTPS_PROXY: "http://p", no_proxy: "localhost, gpu1" };
    expect(
      codes(
        situation({ models: [model("a")], apiKey: "none" }, { env, report: reportOf({ id: "a" }), primary: "vllm/a" }),
      ),
    ).toEqual([]);
    expect(codes(situation({ models: [model("a", 12_288)] }, { agent: "openclaw", primary: "vllm/a" }))).toEqual([]);
  });
});
