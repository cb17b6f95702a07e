import { readFileSync } from "node:fs";
import { VllmError } from "@vllm/schema";
import { describe, expect, test } from "vitest";
import type { DiscoveredModel, FindingCode, ServerReport } from "../index.ts";
import { diagnose, discoverServer, FINDING_CODES } from "../index.ts";
import { playFetch, recorded } from "../../test/play.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { ServerCapacity } from "../report/server-capacity.ts";

const baseUrl = "http://127.0.0.1:8000/v1";

/** A report about a vLLM with which nothing is wrong. */
async function soundReport(): Promise<ServerReport> {
  const report = await discoverServer({
    baseUrl,
    probe: "list",
    fetch: playFetch({
      "GET /v1/models": Response.json({
        data: [{ id: "tiny", root: "lab/tiny", owned_by: "vllm", max_model_len: 65536 }],
      }),
      "GET /version": recorded("0.32.0/hermes-qwen3/version"),
      "GET /health": new Response(null, { headers: { "access-control-allow-origin": "*" } }),
      "GET /metrics": recorded("0.32.0/api-key/metrics-no-key"),
      "GET /v1/chat/completions": Response.json({}, { status: 405 }),
    }),
  });
  expect(report.findings).toEqual([]);
  return report;
}

const sound = await soundReport();
const [model] = sound.models as [DiscoveredModel];

type Change = Partial<Omit<ServerReport, "findings">>;
const withModel = (change: Partial<DiscoveredModel>): Change => ({ models: [{ ...model, ...change }] });
const withProfile = (change: Partial<DiscoveredModel["profile"]>, more: Partial<DiscoveredModel> = {}): Change =>
  withModel({ ...more, profile: { ...model.profile, ...change } });
const withCapacity = (change: Partial<ServerCapacity>): Change => ({ capacity: { ...sound.capacity!, ...change } });
const withAccess = (change: Partial<ServerReport["access"]>, more: Change = {}): Change => ({
  access: { ...sound.access, ...change },
  ...more,
});
const unreachable = (reason: NonNullable<VllmError["reason"]>): Change => ({
  kind: "nothing",
  state: "unreachable",
  models: [],
  error: new VllmError({ code: "SERVER_UNREACHABLE", message: "No.", hint: "Do.", reason }),
});
const rules = {
  secondSystem: "kept",
  laterSystem: "kept",
  developerRole: "kept",
  consecutiveUser: "kept",
  toolCallIds: "any",
  reasoningReplay: "all-turns",
} as const;
const history = (
  change: Partial<Record<keyof typeof rules | "firstSystem" | "keepReasoningKwargs", unknown>>,
): Change =>
  withProfile({
    history: {
      value: { ...rules, ...change } as NonNullable<DiscoveredModel["profile"]["history"]>["value"],
      source: "probed",
      evidence: "",
    },
  });
const FLEET: NonNullable<ServerReport["fleet"]> = { router: "nginx", down: [], seen: [] };
const seenServer = (id: string, contextWindow: number, version: string, startedAt = 0) => ({
  models: [{ id, contextWindow }],
  version,
  startedAt,
});
const fact = <Value>(value: Value) => ({ value, source: "probed", evidence: "seen" }) as const;

/** What has to be different for a finding, and a word of its text. */
const CASES: readonly [code: FindingCode, change: Change, text: RegExp][] = [
  ["SERVER_REFUSED", unreachable("refused"), /Do\./],
  ["SERVER_NAME_UNKNOWN", unreachable("dns"), /Do\./],
  ["SERVER_TIMEOUT", unreachable("timeout"), /Do\./],
  ["SERVER_TLS_FAILED", unreachable("tls"), /Do\./],
  ["SERVER_PROXY_FAILED", unreachable("proxy"), /Do\./],
  ["SERVER_CLOSED_CONNECTION", unreachable("reset"), /Do\./],
  ["SERVER_UNREACHABLE", unreachable("other"), /Do\./],
  ["SERVER_STARTING", { kind: "llama.cpp", state: "starting", models: [] }, /still loading/],
  ["SERVER_FAILING", { state: "unhealthy", models: [], ...withAccess({ modelsStatus: 500 }) }, /500/],
  ["SERVER_ASLEEP", { state: "asleep", healthy: false }, /wake_up/],
  ["ENGINE_DEAD", { state: "unhealthy", healthy: false }, /engine process has died/],
  [
    "NO_HEALTHY_SERVER",
    { kind: "other-http", state: "unhealthy", models: [], ...withAccess({ modelsStatus: 502 }) },
    /no vLLM server to ask/,
  ],
  [
    "NO_HEALTHY_SERVER",
    { kind: "vllm-router", state: "unhealthy" },
    /says that it is not healthy: it has no vLLM server/,
  ],
  [
    "NO_HEALTHY_SERVER",
    { kind: "ray-serve", state: "unhealthy" },
    /says that it is not healthy: it has no vLLM server/,
  ],
  [
    "SERVERS_DOWN",
    { kind: "vllm-router", fleet: { ...FLEET, count: { total: 2, healthy: 1 }, down: ["http://10.0.0.2:8000"] } },
    /^1 of 2 servers behind the router is down: http:\/\/10\.0\.0\.2:8000\./,
  ],
  [
    "SERVERS_DOWN",
    { kind: "vllm-router", fleet: { ...FLEET, count: { total: 5, healthy: 3 }, down: [] } },
    /^2 of 5 servers behind the router are down\./,
  ],
  [
    "SERVERS_DIFFER",
    { fleet: { ...FLEET, seen: [seenServer("m", 4096, "0.32.0"), seenServer("other", 2048, "0.31.0")] } },
    /behind nginx are not alike: m \(4096\) on vLLM 0\.32\.0; other \(2048\) on vLLM 0\.31\.0/,
  ],
  [
    "SERVERS_DIFFER",
    { fleet: { ...FLEET, seen: [seenServer("m", 4096, "0.32.0"), seenServer("m", 4096, "0.32.0", 60_000)] } },
    /At least 2 servers.*1970-01-01T00:00:00\.000Z and 1970-01-01T00:01:00\.000Z: capacity, cache and load/,
  ],
  ["NOT_VLLM", { kind: "ollama", kindEvidence: "/ says so" }, /is Ollama \(\/ says so\)/],
  ["NOT_VLLM", { kind: "openai-compatible" }, /not vLLM/],
  ["WEB_PAGE", { kind: "web-page", state: "wrong-server", models: [] }, /port 8000/],
  ["LOGIN_PAGE", { kind: "login-page", state: "wrong-server", models: [] }, /login/],
  [
    "REDIRECTED",
    { kind: "login-page", state: "wrong-server", models: [], ...withAccess({ redirectedTo: "https://x/" }) },
    /redirects to https:\/\/x\/;.*use its address/,
  ],
  [
    "REDIRECTED",
    { kind: "login-page", state: "wrong-server", models: [], ...withAccess({ redirectedTo: "https://x/v1/models" }) },
    /change the base URL to https:\/\/x\/v1\.$/,
  ],
  [
    "WRONG_PATH",
    { kind: "other-http", state: "wrong-server", models: [], ...withAccess({ modelsStatus: 404 }) },
    /--root-path/,
  ],
  [
    "WRONG_PATH",
    { kind: "other-http", state: "wrong-server", models: [], ...withAccess({ foundAt: "http://a/v1" }) },
    /http:\/\/a\/v1/,
  ],
  ["KEY_MISSING", { state: "locked", models: [] }, /VLLM_API_KEY/],
  ["KEY_WRONG", { state: "locked", models: [], ...withAccess({ keySent: true }) }, /key/],
  ["KEY_NOT_NEEDED", withAccess({ keySent: true }), /--api-key/],
  ["OPEN_WITHOUT_KEY", { capabilities: { ...sound.capabilities, openWithoutKey: yes("") } }, /\/invocations/],
  ["CREDENTIALS_IN_URL", withAccess({ credentialsInUrl: true }), /Authorization/],
  ["QUERY_IN_URL", withAccess({ queryInUrl: true }), /apiKey/],
  ["BROWSERS_REFUSED", { capabilities: { ...sound.capabilities, browserAccess: no("") } }, /--allowed-origins/],
  ["MODEL_LIST_EMPTY", { models: [] }, /lists no model/],
  [
    "MODEL_LIST_UNREADABLE",
    { kind: "other-http", state: "wrong-server", models: [], ...withAccess({ modelsStatus: 200 }) },
    /not a list/,
  ],
  [
    "MODEL_LIST_TOO_LONG",
    { kind: "other-http", state: "wrong-server", models: [], ...withAccess({ modelsStatus: 200, listTooLong: true }) },
    /larger than/,
  ],
  ["MODEL_ID_REFUSED", { refusedIds: [{ id: "\\u001b[31m", why: "holds control characters" }] }, /--served-model-name/],
  [
    "MODEL_ALIAS",
    {
      models: [
        { ...model, aliases: ["b"] },
        { ...model, id: "b", aliases: ["tiny"] },
      ],
    },
    /tiny, b are names of one model/,
  ],
  ["MODEL_NOT_CHAT", withModel({ task: "embedding" }), /makes embeddings/],
  ["WINDOW_UNKNOWN", withModel({ contextWindow: undefined }), /128000/],
  ["WINDOW_TOO_SMALL", withModel({ contextWindow: 15_999 }), /refuses to run below 16000/],
  ["WINDOW_SMALL", withModel({ contextWindow: 16_000 }), /warns below 32000/],
  [
    "WINDOW_LARGER_THAN_CACHE",
    withCapacity({ fullWindowRequests: 1.2, kvCacheTokens: 78_643 }),
    /78643 tokens, that is 1\.2 requests/,
  ],
  [
    "OUTPUT_LIMITED",
    withProfile({ maxOutputTokens: fact(40) }),
    /after 40 tokens, whatever .*--override-generation-config/,
  ],
  [
    "OUTPUT_LIMITED",
    withProfile({ defaultOutputTokens: fact(512) }),
    /unless the request sets .*--generation-config vllm/,
  ],
  [
    "TOOL_PARSER_MISSING",
    withProfile(
      { toolParser: fact("hermes") },
      { toolCalling: no("it requires --tool-call-parser", "probed", "no-tool-parser") },
    ),
    /--tool-call-parser hermes/,
  ],
  [
    "TOOL_PARSER_MISSING",
    withModel({ root: "Qwen/Qwen3-Coder-30B-A3B-Instruct", toolCalling: no("", "probed", "no-tool-parser") }),
    /--tool-call-parser qwen3_coder \(a guess: the name suggests Qwen3-Coder\)\.$/,
  ],
  [
    "TOOL_PARSER_MISSING",
    withModel({ toolCalling: no("", "probed", "no-tool-parser") }),
    /--tool-call-parser <parser> \(the model's page names it\)\.$/,
  ],
  [
    "TOOL_PARSER_WRONG",
    withModel({ toolCalling: { ...no("a call vanished", "probed", "call-not-read"), parser: "mistral" } }),
    /the calls of tiny: a call vanished\. .*--tool-call-parser mistral instead/,
  ],
  [
    "REASONING_PARSER_WRONG",
    withProfile({ reasoningParser: fact("qwen3") }, { reasoning: no("it stands there", "probed", "thought-not-read") }),
    /the reasoning of tiny: it stands there\. .*--reasoning-parser qwen3 instead/,
  ],
  ["TOOL_FORMAT_UNKNOWN", withModel({ templateCallExample: "<TOOLCALL>[…]" }), /<TOOLCALL>/],
  ["TEMPLATE_WITHOUT_TOOLS", withModel({ templateTools: no("not there") }), /--chat-template/],
  [
    "TEMPLATE_DROPS_TOOL_CALLS",
    withModel({ templateTools: yes(""), templateCalls: no("") }),
    /leaves earlier tool calls out/,
  ],
  [
    "REASONING_PARSER_MISSING",
    withProfile({ reasoningParser: fact("qwen3"), thinking: fact({ default: "on" as const }) }, { reasoning: no("") }),
    /--reasoning-parser qwen3/,
  ],
  [
    "THOUGHTS_DROPPED",
    history({ reasoningReplay: "current-turn", keepReasoningKwargs: { clear_thinking: false } }),
    /"clear_thinking":false/,
  ],
  [
    "TEMPLATE_UNUSABLE",
    {
      templateProbe: {
        requests: 1,
        unavailable: "it refuses a plain message (no template)",
        cause: "template-refuses",
      },
    },
    /--chat-template/,
  ],
  [
    "FIRST_SYSTEM_MESSAGE_REJECTED",
    history({ firstSystem: "rejected", secondSystem: "rejected", laterSystem: "rejected" }),
    /refuses every system message with status 400, also at the beginning/,
  ],
  ["FIRST_SYSTEM_MESSAGE_REJECTED", history({ firstSystem: "dropped" }), /out of the prompt, without a word/],
  ["SYSTEM_MESSAGES_REJECTED", history({ laterSystem: "rejected" }), /refuses a further system message/],
  ["SYSTEM_MESSAGES_DROPPED", history({ secondSystem: "dropped", laterSystem: "rejected" }), /without a word/],
  ["USER_MESSAGES_REJECTED", history({ consecutiveUser: "rejected" }), /two user messages/],
  ["USER_MESSAGES_DROPPED", history({ consecutiveUser: "dropped" }), /two user messages/],
  ["DEVELOPER_ROLE_REJECTED", history({ developerRole: "rejected" }), /supportsDeveloperRole/],
  ["DEVELOPER_ROLE_DROPPED", history({ developerRole: "dropped" }), /supportsDeveloperRole/],
  ["PREFIX_CACHING_OFF", withCapacity({ prefixCaching: false }), /--no-enable-prefix-caching/],
  ["PREFIX_CACHE_NEVER_HIT", withCapacity({ prefixCacheQueries: 48_021, prefixCacheHits: 0 }), /48021 prompt tokens/],
  ["SERVER_BUSY", withCapacity({ running: 8, waiting: 1 }), /1 request waits behind 8/],
  ["CACHE_FULL", withCapacity({ kvCacheUsage: 0.97, preemptions: 3 }), /97 % full, and 3 requests/],
  [
    "SLOW_FIRST_TOKEN",
    withCapacity({ meanTimeToFirstToken: 21.4 }),
    /21 s on average since the server's start\. Allow/,
  ],
  [
    "SLOW_FIRST_TOKEN",
    withCapacity({ meanTimeToFirstToken: 21.4, running: 3 }),
    /busy now: 3 requests run and 0 wait\./,
  ],
  [
    "PROBE_INCOMPLETE",
    { templateProbe: { requests: 9, unavailable: undefined, incomplete: ["tiny"] } },
    /before some questions answered.*unknown is not a no\. Probe/,
  ],
  [
    "PROBE_INCOMPLETE",
    { templateProbe: { requests: 1, unavailable: "no answer in time", cause: "no-time" } },
    /unknown is not a no/,
  ],
  [
    "PROBE_INCOMPLETE",
    {
      asked: [{ method: "GET", path: "/v1/messages", result: "timeout", ms: 2000 }],
      ...withCapacity({ running: 8, waiting: 0, kvCacheUsage: 0.5 }),
    },
    /before \/v1\/messages answered.*busy: 8 requests run and 0 wait\./,
  ],
  ["VERSION_OLD", { version: "0.9.2" }, /\/v1\/responses/],
  [
    "TEMPLATE_NOT_PROBED",
    { templateProbe: { requests: 1, unavailable: "it answers 404", cause: "no-route" } },
    /it answers 404/,
  ],
  [
    "TEMPLATE_NOT_PROBED",
    { kind: "litellm", templateProbe: { requests: 0, unavailable: "LiteLLM does not pass it on", cause: "no-route" } },
    /LiteLLM does not pass it on.*lists models without asking/,
  ],
];

/** Codes that a probe, a cache or the config raises, each with its own test. */
const ELSEWHERE: readonly FindingCode[] = [
  "AFFINITY_WITHOUT_EFFECT",
  "CHAT_UNANSWERED",
  "PROBE_SKIPPED_BUSY",
  "LAST_GOOD_ANSWER_USED",
  "CONFIG_INVALID",
  "KEY_VARIABLE_UNSET",
  "MODEL_GONE",
];

describe("diagnose", () => {
  test.each(CASES)("%s", (code, change, text) => {
    const findings = diagnose({ ...sound, ...change });
    const found = findings.find((finding) => finding.code === code);
    expect(found, findings.map((finding) => finding.code).join()).toBeDefined();
    expect(`${found?.message} ${found?.fix}`).toMatch(text);
    // Only llama.cpp says that it is loading, and it is not vLLM.
    expect(findings).toHaveLength(code === "SERVER_STARTING" ? 2 : 1);
  });

  test("every code has a case", () => {
    const cased = new Set<FindingCode>([...CASES.map(([code]) => code), ...ELSEWHERE]);
    expect(FINDING_CODES.filter((code) => !cased.has(code))).toEqual([]);
  });

  test("most severe first", () => {
    const severities = diagnose({
      ...sound,
      state: "asleep",
      ...withCapacity({ prefixCaching: false, waiting: 2 }),
      ...withAccess({ keySent: true }),
    }).map((finding) => finding.severity);
    expect(severities).toEqual(["error", "warning", "info", "info"]);
  });

  test("a model that the config names and nobody serves", () => {
    expect(diagnose(sound, { expectedModels: ["tiny", "tini", "gpt-4o"] })).toMatchObject([
      { code: "MODEL_GONE", model: "tini", fix: expect.stringContaining("Did you mean tiny?") },
      { code: "MODEL_GONE", model: "gpt-4o", fix: expect.stringContaining("--served-model-name") },
    ]);
    expect(
      diagnose({ ...sound, ...unreachable("refused") }, { expectedModels: ["gone"] }).map(({ code }) => code),
    ).toEqual(["SERVER_REFUSED"]);
  });

  test.each([
    [3999, ["error Nano refuses to run below 4000, and its own prompt takes about 900."]],
    [4000, ["warning Nano warns below 8000, and its own prompt takes about 900."]],
    [8000, []],
  ])("a window of %i tokens, judged by another agent's numbers", (contextWindow, said) => {
    const hostWindow = { host: "Nano", refusedBelow: 4000, warnedBelow: 8000, ownPrompt: 900 };
    const findings = diagnose({ ...sound, ...withModel({ contextWindow }) }, { hostWindow });
    expect(findings.map(({ severity, message }) => `${severity} ${message.split(": ")[1]}`)).toEqual(said);
  });

  test("an agent that never warns", () => {
    const hostWindow = { host: "Nano", refusedBelow: 4000, ownPrompt: 900 };
    expect(diagnose({ ...sound, ...withModel({ contextWindow: 4000 }) }, { hostWindow })).toEqual([]);
  });

  test("names and adapters of one template do not repeat its findings", () => {
    const one = (history({ consecutiveUser: "rejected" }).models as DiscoveredModel[])[0]!;
    const adapter = { ...one, id: "lora", root: "/adapters/lora", parent: "tiny" };
    const names = [one, { ...one, id: "b" }, adapter, { ...one, id: "other", root: "other" }];
    expect(diagnose({ ...sound, models: names }).map(({ code, model: id }) => `${code} ${id}`)).toEqual([
      "USER_MESSAGES_REJECTED tiny",
      "USER_MESSAGES_REJECTED other",
    ]);
  });

  test.each([
    [
      "an adapter's window is its base model's affair",
      { models: [{ ...model, parent: "base", contextWindow: 65_536 }], ...withCapacity({ fullWindowRequests: 1 }) },
    ],
    ["a prefix cache that has seen little", withCapacity({ prefixCacheQueries: 500, prefixCacheHits: 0 })],
    [
      "a model whose thinking is off by default needs no parser",
      withProfile({ thinking: fact({ default: "off" as const }) }, { reasoning: no("") }),
    ],
    ["unknown is no reproach", withModel({ toolCalling: unknown(""), reasoning: unknown("") })],
    [
      "a probe that was not wanted",
      { templateProbe: { requests: 0, unavailable: "the probe was switched off", cause: "not-asked" } },
    ],
  ] as const)("no finding: %s", (_name, change) => {
    expect(diagnose({ ...sound, ...(change as Change) })).toEqual([]);
  });

  test("a server that embeds needs no prefix cache", () => {
    const change = { ...withModel({ task: "embedding" }), ...withCapacity({ prefixCaching: false }) };
    expect(diagnose({ ...sound, ...change }).map(({ code }) => code)).toEqual(["MODEL_NOT_CHAT"]);
  });

  test("texts are sentences, and fixes say what to do", () => {
    for (const [, change] of CASES) {
      for (const { message, fix } of diagnose({ ...sound, ...change })) {
        expect(message).toMatch(/[.!?)}]$/);
        expect(fix).toMatch(/[.!?)]$/);
        expect(fix.length).toBeGreaterThan(2);
      }
    }
  });
});

describe("docs/findings.md", () => {
  const text = readFileSync(new URL("../../../../docs/findings.md", import.meta.url), "utf8");
  const headings = Array.from(text.matchAll(/^### ([A-Z_]+)$/gm), (match) => match[1]);

  test("has a section for every code, in the order of the code, and no other", () => {
    expect(headings).toEqual([...FINDING_CODES]);
  });

  test("every section says what to do", () => {
    for (const section of text.split(/^### /m).slice(1))
      expect(section.split("\n").slice(1).join(" ").trim().length, section.slice(0, 40)).toBeGreaterThan(60);
  });
});
