import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { networkError, playFetch, recorded } from "../../test/play.ts";
import { loadRecordedTemplate, playTemplate } from "../../test/recorded-template.ts";
import { discoverServer } from "../index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";
const notAllowed = () => Response.json({ detail: "Method Not Allowed" }, { status: 405 });
const vllm = {
  "GET /v1/models": recorded("0.32.0/multi-name/models"),
  "GET /version": recorded("0.32.0/hermes-qwen3/version"),
  "GET /health": recorded("0.32.0/hermes-qwen3/health"),
  "GET /metrics": recorded("0.32.0/api-key/metrics-no-key"),
  "GET /v1/chat/completions": notAllowed,
  "GET /v1/responses": notAllowed,
};
const codes = (report: { findings: readonly { code: string }[] }) => report.findings.map((finding) => finding.code);

describe("a vLLM", () => {
  test("version, health, models, capacity, routes", async () => {
    const report = await discoverServer({ baseUrl: "127.0.0.1:8000", fetch: playFetch(vllm) });
    expect(report).toMatchObject({
      serverRoot: "http://127.0.0.1:8000",
      apiRoot: baseUrl,
      kind: "vllm",
      state: "ready",
      healthy: true,
      version: "0.32.0",
      error: undefined,
      tokensSpent: 0,
      capabilities: {
        apiKey: { status: "no" },
        prefixCaching: { status: "yes" },
        responses: { status: "yes" },
        messages: { status: "no" },
        loraLoading: { status: "no" },
        browserAccess: { status: "no" },
        tokenize: { status: "no" },
      },
      capacity: { kvCacheTokens: 4194304, fullWindowRequests: 1024, running: 0, waiting: 0, isSleeping: false },
    });
    expect(report.models).toMatchObject([
      {
        id: "tiny",
        root: "lab/tiny",
        aliases: ["tiny-alias"],
        task: "chat",
        contextWindow: 4096,
        profile: { contextWindow: { value: 4096, source: "server", evidence: "max_model_len of /v1/models" } },
      },
      { id: "tiny-alias", root: "lab/tiny", aliases: ["tiny"], contextWindow: 4096 },
    ]);
    expect(codes(report)).toEqual([
      "WINDOW_TOO_SMALL",
      "WINDOW_TOO_SMALL",
      "TEMPLATE_NOT_PROBED",
      "MODEL_ALIAS",
      "BROWSERS_REFUSED",
    ]);
  });

  test("the report is plain data", async () => {
    const report = await discoverServer({ baseUrl, fetch: playFetch(vllm) });
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      kind: "vllm",
      models: [{ id: "tiny" }, { id: "tiny-alias" }],
    });
  });

  test("an engine that sleeps is not ready, although /health says so", async () => {
    const asleep =
      'vllm:num_requests_running 0\nvllm:engine_sleep_state{sleep_state="awake"} 0.0\nvllm:engine_sleep_state{sleep_state="weights_offloaded"} 1.0\n';
    const report = await discoverServer({
      baseUrl,
      fetch: playFetch({ ...vllm, "GET /metrics": new Response(asleep) }),
    });
    expect(report).toMatchObject({ kind: "vllm", state: "asleep", healthy: false });
    expect(report.models).toHaveLength(2);
    expect(report.findings[0]?.code).toBe("SERVER_ASLEEP");
  });

  test("a dead engine is seen also behind something that refuses web pages", async () => {
    const health = ({ headers }: { headers: Headers }) =>
      new Response("", { status: headers.has("origin") ? 403 : 503 });
    const report = await discoverServer({ baseUrl, fetch: playFetch({ ...vllm, "GET /health": health }) });
    expect(report).toMatchObject({ kind: "vllm", state: "unhealthy", healthy: false });
    expect(codes(report)).toContain("ENGINE_DEAD");
  });

  test("passive: GETs and the template's routes, nothing else", async () => {
    const fetch = playFetch(vllm);
    const report = await discoverServer({ baseUrl, fetch });
    const asked = fetch.seen.map(({ method, path }) => `${method} ${path}`).toSorted();
    expect(asked).toEqual([
      "GET /health",
      "GET /metrics",
      "GET /v1/chat/completions",
      "GET /v1/load_lora_adapter",
      "GET /v1/messages",
      "GET /v1/models",
      "GET /v1/responses",
      "GET /version",
      "POST /tokenize",
    ]);
    expect(report.asked.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(asked);
  });

  test("list: GETs only", async () => {
    const fetch = playFetch(vllm);
    await discoverServer({ baseUrl, fetch, probe: "list" });
    expect(fetch.seen.every(({ method }) => method === "GET")).toBe(true);
  });

  test("one probe for all names of a root, and for its adapters", async () => {
    const play = playTemplate(loadRecordedTemplate("Qwen-Qwen3-0.6B"));
    const list = [
      { id: "a", root: "r", owned_by: "vllm", max_model_len: 40960 },
      { id: "b", root: "r", owned_by: "vllm", max_model_len: 40960 },
      { id: "lora", root: "/x", parent: "a", owned_by: "vllm", max_model_len: null },
    ];
    const asked = new Set<unknown>();
    const report = await discoverServer({
      baseUrl,
      fetch: playFetch({
        ...vllm,
        "GET /v1/models": Response.json({ data: list }),
        "POST /tokenize": ({ body }) => {
          asked.add((body as { model: string }).model);
          return play("/tokenize", body as Record<string, unknown>);
        },
        "POST /detokenize": ({ body }) => play("/detokenize", body as Record<string, unknown>),
      }),
    });
    expect([...asked]).toEqual(["a"]);
    expect(report.templateProbe.requests).toBeGreaterThan(0);
    expect(report.models.map((model) => model.contextWindow)).toEqual([40960, 40960, 40960]);
  });

  test("an embedding server is told apart by its routes, and its model is not offered for chats", async () => {
    const fetch = playFetch({
      ...vllm,
      "GET /v1/chat/completions": Response.json({ detail: "Not Found" }, { status: 404 }),
      "GET /v1/embeddings": notAllowed,
    });
    const report = await discoverServer({ baseUrl, fetch });
    expect(report.models.map((model) => model.task)).toEqual(["embedding", "embedding"]);
    expect(codes(report)).toContain("MODEL_NOT_CHAT");
    expect(fetch.seen.some(({ path }) => path === "/openapi.json")).toBe(false);
  });

  test("/openapi.json is asked only when no route has shown itself", async () => {
    const fetch = playFetch({
      ...vllm,
      "GET /v1/chat/completions": Response.json({ detail: "Not Found" }, { status: 404 }),
      "GET /v1/responses": Response.json({ detail: "Not Found" }, { status: 404 }),
      "GET /openapi.json": Response.json({ paths: { "/v1/rerank": {}, "/v1/score": {} } }),
    });
    expect((await discoverServer({ baseUrl, fetch })).models[0]?.task).toBe("rerank");
  });

  test("a window that the list does not say comes from /tokenize", async () => {
    const play = playTemplate(loadRecordedTemplate("Qwen3.5-4B"));
    const report = await discoverServer({
      baseUrl,
      apiKey: "sk-1",
      fetch: playFetch({
        ...vllm,
        "GET /v1/models": Response.json({ data: [{ id: "m", owned_by: "vllm", root: null }] }),
        "GET /health": Response.json({ status: "healthy" }),
        "POST /tokenize": ({ body }) => {
          const { messages } = body as { messages: [{ content: string }] };
          const tokens = Array.from(messages[0].content, (character) => character.codePointAt(0));
          return Response.json({ count: tokens.length, max_model_len: 32768, tokens });
        },
        "POST /detokenize": ({ body }) => play("/detokenize", body as Record<string, unknown>),
      }),
    });
    expect(report).toMatchObject({
      kind: "production-stack",
      version: undefined,
      // Its router lists models to everybody and passes the key on to servers that may want it.
      capabilities: { apiKey: { status: "unknown" } },
    });
    expect(report.findings.map(({ code }) => code)).not.toContain("KEY_NOT_NEEDED");
    expect(report.models[0]).toMatchObject({
      contextWindow: 32768,
      profile: { contextWindow: { value: 32768, source: "server", evidence: "max_model_len of /tokenize" } },
    });
  });
});

describe("a template that refuses a plain message", () => {
  const refusing = {
    ...vllm,
    "GET /v1/models": Response.json({ data: [{ id: "m", owned_by: "vllm", root: "m", max_model_len: 32768 }] }),
    "POST /tokenize": Response.json(
      { error: { message: "No chat template", type: "BadRequestError" } },
      { status: 400 },
    ),
  };

  test("of a chat model: an error that names it", async () => {
    const report = await discoverServer({ baseUrl, fetch: playFetch(refusing) });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: "TEMPLATE_UNUSABLE", severity: "error", model: "m" }),
    );
  });

  test("of a model that makes embeddings: it needs none", async () => {
    const fetch = playFetch({
      ...refusing,
      "GET /v1/chat/completions": Response.json({ detail: "Not Found" }, { status: 404 }),
      "GET /v1/embeddings": notAllowed,
    });
    const report = await discoverServer({ baseUrl, fetch });
    expect(report.models[0]?.task).toBe("embedding");
    expect(codes(report).filter((code) => code.startsWith("TEMPLATE_"))).toEqual([]);
  });
});

describe("keys", () => {
  const guarded = {
    ...vllm,
    "GET /v1/models": (request: { headers: Headers }) =>
      recorded(
        request.headers.get("authorization") === "Bearer sk-lab"
          ? "0.32.0/multi-name/models"
          : "0.32.0/api-key/models-wrong-key",
      ),
    "GET /invocations": notAllowed,
  };

  test("the right key: wanted, and /invocations is open without it", async () => {
    const fetch = playFetch(guarded);
    const report = await discoverServer({ baseUrl, apiKey: "sk-lab", fetch });
    expect(report).toMatchObject({
      state: "ready",
      capabilities: { apiKey: { status: "yes" }, openWithoutKey: { status: "yes" } },
    });
    expect(codes(report)).toContain("OPEN_WITHOUT_KEY");
    expect(fetch.seen.find(({ path }) => path === "/invocations")?.headers.get("authorization")).toBeNull();
    expect(JSON.stringify(report)).not.toContain("sk-lab");
  });

  test.each([
    [undefined, "KEY_MISSING", /VLLM_API_KEY/],
    ["sk-wrong", "KEY_WRONG", /--api-key/],
  ])("the key %s: %s", async (apiKey, code, fix) => {
    const report = await discoverServer({ baseUrl, apiKey, fetch: playFetch(guarded) });
    expect(report).toMatchObject({
      kind: "vllm",
      state: "locked",
      healthy: false,
      version: "0.32.0",
      error: { code: "AUTHENTICATION_FAILED" },
    });
    expect(report.findings[0]).toMatchObject({ code, severity: "error", fix: expect.stringMatching(fix) });
    expect(JSON.stringify(report)).not.toContain("sk-wrong");
  });

  test("a wrong key in a header of the caller's own is a wrong one, too", async () => {
    const headers = { authorization: "Bearer sk-wrong" };
    const report = await discoverServer({ baseUrl, headers, fetch: playFetch(guarded) });
    expect(report.findings[0]).toMatchObject({ code: "KEY_WRONG" });
  });

  test("a key that nobody asked for", async () => {
    const report = await discoverServer({ baseUrl, apiKey: "any", fetch: playFetch(vllm) });
    expect(codes(report)).toContain("KEY_NOT_NEEDED");
    expect(report.capabilities.openWithoutKey.status).toBe("unknown");
  });

  test("line breaks around a key are cut, and a blank one is none", async () => {
    const fetch = playFetch(vllm);
    await discoverServer({ baseUrl, apiKey: " sk-1\r\n", fetch });
    expect(fetch.seen[0]?.headers.get("authorization")).toBe("Bearer sk-1");
    const blank = playFetch(vllm);
    await discoverServer({ baseUrl, apiKey: " \n", fetch: blank });
    expect(blank.seen.some(({ headers }) => headers.has("authorization"))).toBe(false);
  });

  test("a gateway's own headers go along", async () => {
    const fetch = playFetch(vllm);
    await discoverServer({ baseUrl, headers: { "X-Gateway": "g" }, fetch });
    expect(fetch.seen.find(({ path }) => path === "/version")?.headers.get("x-gateway")).toBe("g");
  });

  test("a user name and password in the address go into a header and nowhere else", async () => {
    const fetch = playFetch(vllm);
    const report = await discoverServer({ baseUrl: "http://me:p%40ss@127.0.0.1:8000/v1", fetch });
    expect(fetch.seen[0]?.headers.get("authorization")).toBe(`Basic ${btoa("me:p@ss")}`);
    expect(report.apiRoot).toBe(baseUrl);
    expect(codes(report)).toContain("CREDENTIALS_IN_URL");
    expect(JSON.stringify(report)).not.toMatch(/p@ss|p%40ss|me:/);
  });
});

test("a query in the address is left out, and said", async () => {
  const fetch = playFetch(vllm);
  const report = await discoverServer({ baseUrl: `${baseUrl}?token=secret`, fetch });
  expect(codes(report)).toContain("QUERY_IN_URL");
  expect(report.apiRoot).toBe(baseUrl);
  expect(JSON.stringify(report)).not.toMatch(/secret/);
  expect(codes(await discoverServer({ baseUrl, fetch }))).not.toContain("QUERY_IN_URL");
});

test("no error holds the key, however deep one probes", async () => {
  const report = await discoverServer({
    baseUrl: "http://127.0.0.1:65000",
    apiKey: "sk-secret",
    headers: { "X-Key": "also" },
  });
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value === "string") expect(value).not.toMatch(/sk-secret/);
    if (value instanceof Request || value instanceof Headers) throw new Error("a request hangs on the error");
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) look((value as Record<PropertyKey, unknown>)[key]);
  };
  look(report);
  expect(report.error?.cause).toBeDefined();
  expect(seen.has(report.error?.cause)).toBe(true);
});

describe("redirects", () => {
  test("to another origin: not followed, no key goes there", async () => {
    const fetch = playFetch({
      "GET *": () =>
        new Response(null, { status: 307, headers: { location: "https://evil.example/v1/models?token=1" } }),
    });
    const report = await discoverServer({ baseUrl, apiKey: "sk-secret", fetch });
    expect(report).toMatchObject({
      state: "wrong-server",
      access: { redirectedTo: "https://evil.example/v1/models" },
      error: { code: "NOT_VLLM" },
    });
    expect(codes(report)).toEqual(["REDIRECTED"]);
    expect(fetch.seen.every(({ path }) => !path.includes("evil"))).toBe(true);
    expect(JSON.stringify(report)).not.toMatch(/sk-secret|token=1/);
  });

  test("to the same origin: followed, a few times", async () => {
    const fetch = playFetch({
      ...vllm,
      "GET /v1/models": new Response(null, { status: 307, headers: { location: "/llm/v1/models" } }),
      "GET /llm/v1/models": recorded("0.32.0/multi-name/models"),
      "GET /version": new Response(null, { status: 302, headers: { location: "/version" } }),
    });
    const report = await discoverServer({ baseUrl, fetch });
    expect(report.models).toHaveLength(2);
    expect(report.version).toBeUndefined();
    expect(fetch.seen.filter(({ path }) => path === "/version")).toHaveLength(4);
  });

  test("http to https of the same host is another origin", async () => {
    const fetch = playFetch({
      "GET *": () => new Response(null, { status: 301, headers: { location: "https://127.0.0.1:8000/v1/models" } }),
    });
    expect((await discoverServer({ baseUrl, fetch })).findings[0]).toMatchObject({
      code: "REDIRECTED",
      message: expect.stringContaining("https://127.0.0.1:8000/v1/models"),
    });
  });
});

describe("other answers", () => {
  test.each([
    ["ECONNREFUSED", "SERVER_REFUSED", /vllm serve/],
    ["ENOTFOUND", "SERVER_NAME_UNKNOWN", /spelling/],
    ["UND_ERR_CONNECT_TIMEOUT", "SERVER_TIMEOUT", /firewall/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "SERVER_TLS_FAILED", /NODE_EXTRA_CA_CERTS/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "SERVER_TLS_FAILED", /http:\/\//],
    ["ECONNRESET", "SERVER_CLOSED_CONNECTION", /log/],
    ["UND_ERR_HEADERS_OVERFLOW", "SERVER_UNREACHABLE", /address/],
  ])("%s is a report with %s", async (systemCode, code, fix) => {
    const report = await discoverServer({ baseUrl, fetch: playFetch({ "GET *": () => networkError(systemCode) }) });
    expect(report).toMatchObject({
      kind: "nothing",
      state: "unreachable",
      healthy: false,
      models: [],
      error: { code: code === "SERVER_UNREACHABLE" ? "RESPONSE_TOO_LARGE" : "SERVER_UNREACHABLE" },
    });
    expect(report.findings).toMatchObject([{ code, severity: "error", fix: expect.stringMatching(fix) }]);
  });

  test("a path too many: the list is found at the root", async () => {
    const report = await discoverServer({ baseUrl: "http://127.0.0.1:8000/api/v1", fetch: playFetch(vllm) });
    expect(report.findings[0]).toMatchObject({
      code: "WRONG_PATH",
      fix: "Change the base URL to http://127.0.0.1:8000/v1.",
    });
  });

  test("no such route anywhere", async () => {
    const report = await discoverServer({ baseUrl, fetch: playFetch({}) });
    expect(report).toMatchObject({ kind: "other-http", state: "wrong-server" });
    expect(codes(report)).toEqual(["WRONG_PATH"]);
  });

  test("LiteLLM is never asked for /health: it would send a chat to every server behind it", async () => {
    const fetch = playFetch({
      "GET /v1/models": Response.json({
        object: "list",
        data: [{ id: "tiny", object: "model", owned_by: "openai", max_input_tokens: 32768 }],
      }),
      "GET /health/liveliness": Response.json("I'm alive!"),
    });
    const report = await discoverServer({ baseUrl, apiKey: "sk-lite", fetch });
    expect(report).toMatchObject({ kind: "litellm", state: "ready", templateProbe: { requests: 0 } });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: "TEMPLATE_NOT_PROBED", message: expect.stringContaining("LiteLLM") }),
    );
    expect(report.models[0]?.profile.contextWindow).toEqual({
      value: 32768,
      source: "gateway",
      evidence: "max_input_tokens of /v1/models",
    });
    expect(fetch.seen.map(({ path }) => path)).not.toContain("/health");
  });

  test("an unknown server is not asked for /health either, nor for anything by POST but /tokenize", async () => {
    const fetch = playFetch({ "GET /v1/models": Response.json({ data: [{ id: "m" }] }) });
    await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(fetch.seen.map(({ path }) => path)).not.toContain("/health");
    expect(fetch.seen.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["/tokenize"]);
  });
});

describe("time", () => {
  test("a server that never answers: the deadline ends it, once for all questions", async () => {
    using clock = stopClock();
    const looking = discoverServer({ baseUrl, timeoutMs: 60, fetch: () => new Promise(() => {}) });
    const report = await clock.passUntil(looking, 10);
    expect(clock.elapsedMs).toBeLessThan(1000);
    expect(report).toMatchObject({
      state: "unreachable",
      error: { code: "REQUEST_TIMEOUT" },
      findings: [{ code: "SERVER_TIMEOUT" }],
    });
  });

  test("only the model list may take the whole time; a hanging /metrics costs less and hides nothing", async () => {
    const fetch = playFetch({ ...vllm, "GET /metrics": () => new Promise<Response>(() => {}) });
    using clock = stopClock();
    const looking = discoverServer({ baseUrl, timeoutMs: 3000, fetch });
    // All the rest is answered at once.
    await clock.standUntil(() => fetch.seen.some(({ path }) => path === "/metrics"));
    const report = await clock.passUntil(looking, 10);
    expect(clock.elapsedMs).toBeLessThan(2700);
    expect(report).toMatchObject({ state: "ready", capacity: undefined });
    expect(report.models).toHaveLength(2);
  });

  test("the caller's abort is thrown at once", async () => {
    const stop = new AbortController();
    const looking = discoverServer({ baseUrl, signal: stop.signal, fetch: () => new Promise(() => {}) });
    stop.abort();
    await expect(looking).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("an address that is none is thrown", async () => {
    await expect(discoverServer({ baseUrl: "not an address" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const unset = undefined as unknown as string;
    await expect(discoverServer({ baseUrl: unset })).rejects.toMatchObject({ message: "The address is empty." });
  });
});
