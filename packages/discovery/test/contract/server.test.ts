import { diagnose, discoverServer, discoverServers, waitUntilReady } from "@vllm/discovery";
import { describeTargets, verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { createServer, type RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect } from "vitest";
import { networkError, playFetch, recorded } from "../play.ts";
import { codesOf, probeServer, optionsFor } from "./probe.ts";

const BASE_URL = "http://127.0.0.1:8000/v1";
const servers: { close(): unknown; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
}

describeTargets(["msw", "fake", "real"], (target) => {
  verifies(["discovery/context-window", "client/peers-24"], async () => {
    const { report, served } = await probeServer(target);
    expect(report).toMatchObject({ kind: "vllm", state: "ready", healthy: true, version: "0.32.0", error: undefined });
    expect(report.models).toMatchObject([{ id: served.model, root: "lab/tiny-r", contextWindow: 32_768 }]);
    expect(report.models[0]?.profile.contextWindow).toMatchObject({ value: 32_768, source: "server" });
  });

  verifies("discovery/nothing-assumed", async () => {
    const { report } = await probeServer(target);
    const [model] = report.models;
    const values = [
      ...Object.values(report.capabilities),
      model!.toolCalling,
      model!.reasoning,
      model!.thinks,
      model!.imageInput,
      model!.structuredOutput,
    ];
    for (const { status, evidence, source } of values) {
      expect(evidence).not.toBe("");
      if (status !== "unknown") expect(source).not.toBe("assumed");
    }
    for (const fact of Object.values(model!.profile)) {
      if (typeof fact === "object")
        expect(fact).toMatchObject({ source: expect.any(String), evidence: expect.any(String) });
    }
  });

  verifies("discovery/template-probe", async () => {
    const { report, served } = await probeServer(target);
    const [model] = report.models;
    expect(report.templateProbe).toMatchObject({ unavailable: undefined, requests: expect.any(Number) });
    expect(report.tokensSpent).toBe(0);
    expect(model?.templateTools?.status).toBe("yes");
    expect(model?.templateCalls?.status).toBe("yes");
    expect(model?.templateCallExample).toContain("<tool_call>");
    expect(model?.thinks.status).toBe("yes");
    expect(model?.profile.toolParser).toMatchObject({ value: "hermes", source: "probed" });
    expect(model?.profile.thinking?.value.off).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
    expect(model?.profile.history?.value.laterSystem).toBe("rejected");
    expect(report.asked.filter((question) => question.method === "POST").map((question) => question.path)).toEqual(
      expect.not.arrayContaining(["/v1/chat/completions"]),
    );
    for (const request of served.requests)
      expect(`${request.method} ${request.path}`).not.toBe("POST /v1/chat/completions");
  });

  verifies("discovery/capacity", async () => {
    const { report } = await probeServer(target, { probe: "list" });
    expect(report.capacity).toMatchObject({ engines: 1, running: expect.any(Number), waiting: 0, isSleeping: false });
    expect(report.capacity?.kvCacheTokens).toBeGreaterThan(1000);
    expect(report.capacity?.startedAt).toBeGreaterThan(Date.UTC(2025));
  });

  verifies("discovery/wrong-path", async () => {
    const served = await target.serve("demo");
    const root = served.baseUrl.replace(/\/v1$/, "");
    for (const baseUrl of [root, `${root}/v1/`, `${root}/v1/models`, `${root}/v1/v1`]) {
      const report = await discoverServer(optionsFor(served, { baseUrl, probe: "list" }));
      const fixes = report.findings.map((finding) => finding.fix).join("\n");
      // Either put right at once, or shown.
      expect(report.apiRoot === served.baseUrl || fixes.includes(served.baseUrl), baseUrl).toBe(true);
    }
    const elsewhere = await discoverServer(optionsFor(served, { baseUrl: `${root}/vllm/v1`, probe: "list" }));
    expect(elsewhere.findings).toContainEqual(
      expect.objectContaining({ code: "WRONG_PATH", fix: expect.stringContaining(served.baseUrl) }),
    );
  });
});

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("discovery/models-do-not-tell", async () => {
    const { report } = await probeServer(target, { probe: "list" });
    expect(report.models).toHaveLength(1);
    for (const model of report.models) {
      expect(model.imageInput.status).toBe("unknown");
      expect(model.toolCalling.status).toBe("unknown");
      expect(model.reasoning.status).toBe("unknown");
      expect(model.profile.input).toMatchObject({ value: ["text"], source: "assumed" });
    }
  });
});

describeTargets(["fake", "real"], (target) => {
  verifies("discovery/browser", async () => {
    const { report } = await probeServer(target, { probe: "list" });
    expect(report.capabilities.browserAccess.status).toBe("no");
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: "BROWSERS_REFUSED", fix: expect.stringContaining("--allowed-origins") }),
    );
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("discovery/aliases", async () => {
    const { report } = await probeServer(target, { serve: { config: "0.32.0/multi-name" }, probe: "list" });
    expect(report.models.map(({ id, root, aliases }) => ({ id, root, aliases }))).toEqual([
      { id: "tiny", root: "lab/tiny", aliases: ["tiny-alias"] },
      { id: "tiny-alias", root: "lab/tiny", aliases: ["tiny"] },
    ]);
    expect(codesOf(report)).toContain("MODEL_ALIAS");
  });

  verifies("discovery/context-window", "of an adapter: its parent's", async () => {
    const { report } = await probeServer(target, { serve: { config: "0.32.0/hermes-qwen3" }, probe: "list" });
    const adapter = report.models.find((model) => model.parent !== undefined);
    const parent = report.models.find((model) => model.id === adapter?.parent);
    expect(adapter?.contextWindow).toBe(4096);
    expect(adapter?.contextWindow).toBe(parent?.contextWindow);
    expect(adapter?.profile.contextWindow.evidence).toContain(parent?.id);
  });

  verifies("discovery/key-wrong", async () => {
    const serve = { config: "0.32.0/api-key", apiKey: "sk-right-4711" };
    const wrong = await probeServer(target, { serve, apiKey: "sk-wrong-4711" });
    expect(wrong.report).toMatchObject({ state: "locked", models: [] });
    expect(wrong.report.findings[0]).toMatchObject({ code: "KEY_WRONG", fix: expect.stringMatching(/VLLM_API_KEY/) });
    expect(JSON.stringify(wrong.report)).not.toMatch(/(?<!\d)4711(?!\d)/);
    const missing = await probeServer(target, { serve });
    expect(missing.report.findings[0]).toMatchObject({ code: "KEY_MISSING" });
    const right = await probeServer(target, { serve, apiKey: "sk-right-4711" });
    expect(right.report).toMatchObject({ state: "ready", capabilities: { apiKey: { status: "yes" } } });
    expect(JSON.stringify(right.report)).not.toMatch(/(?<!\d)4711(?!\d)/);
  });

  verifies("discovery/capacity", "without the key", async () => {
    const serve = { config: "0.32.0/api-key", apiKey: "sk-right-4711" };
    const { report } = await probeServer(target, { serve, probe: "list" });
    expect(report.state).toBe("locked");
    expect(report.capacity).toMatchObject({ engines: 1, waiting: 0 });
  });

  verifies("discovery/tool-parser-missing", async () => {
    const { report } = await probeServer(target, { serve: { config: "0.32.0/no-tool-parser" }, probe: "active" });
    expect(report.models[0]?.toolCalling.status).toBe("no");
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: "TOOL_PARSER_MISSING",
        severity: "error",
        fix: expect.stringMatching(/--enable-auto-tool-choice --tool-call-parser/),
      }),
    );
  });
});

verifies("discovery/key-wrong", "a route that answers chats without the key", async () => {
  const isOpen = recorded("0.32.0/api-key/invocations-no-key").status === 200;
  const fetch = playFetch({
    "GET /v1/models": ({ headers }) =>
      recorded(`0.32.0/api-key/models-${headers.has("authorization") ? "right-key" : "no-key"}`),
    "GET /version": recorded("0.32.0/api-key/version-no-key"),
    // A GET tells that the route is there, and starts no chat.
    "GET /invocations": Response.json({ detail: "Method Not Allowed" }, { status: isOpen ? 405 : 401 }),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, apiKey: "sk-right-4711", fetch });
  expect(codesOf(report)).toContain("OPEN_WITHOUT_KEY");
  expect(fetch.seen.find(({ path }) => path === "/invocations")?.headers.has("authorization")).toBe(false);
});

verifies("discovery/nothing-assumed", "least of all by a name that promises much", async () => {
  const data = [
    { id: "Qwen/QwQ-VL-32B-Tools-128k", object: "model", owned_by: "vllm", root: "Qwen/QwQ-VL-32B-Tools-128k" },
  ];
  const fetch = playFetch({
    "GET /v1/models": Response.json({ object: "list", data }),
    "GET /version": recorded("0.32.0/lab/version"),
  });
  const { models } = await discoverServer({ baseUrl: BASE_URL, fetch });
  const [model] = models;
  expect([model?.imageInput, model?.toolCalling, model?.thinks, model?.reasoning].map((fact) => fact?.status)).toEqual(
    Array.from({ length: 4 }, () => "unknown"),
  );
  expect(model?.contextWindow).toBeUndefined();
  expect(model?.profile).not.toHaveProperty("toolParser");
});

verifies("discovery/tool-parser-missing", "and a server with one has no such finding", async () => {
  await using server = await startFakeVllm();
  const report = await discoverServer({ baseUrl: server.baseUrl, probe: "active" });
  expect(report.models[0]?.toolCalling.status).toBe("yes");
  expect(codesOf(report)).not.toContain("TOOL_PARSER_MISSING");
});

verifies("discovery/one-deadline", async () => {
  const paths: string[] = [];
  const baseUrl = await listen((request) => void paths.push(request.url!));
  using clock = stopClock();
  const looking = discoverServer({ baseUrl, timeoutMs: 400 });
  await clock.standUntil(() => paths.length > 1);
  const report = await clock.passUntil(looking, 10);
  // A deadline for each question would be their number times 400 ms.
  expect(clock.elapsedMs).toBeLessThan(1600);
  expect(report.models).toEqual([]);
  // What was asked, was asked at once: nothing had answered.
  expect(paths.length).toBeGreaterThan(1);
  expect(codesOf(report)).not.toEqual([]);
});

verifies("discovery/one-deadline", "for a server that answers slowly", async () => {
  await using server = await startFakeVllm();
  let [running, rounds] = [0, 0];
  const slow: typeof fetch = async (input, init) => {
    if (running === 0) rounds += 1;
    running += 1;
    await sleep(20, undefined, { signal: (input as Request).signal ?? init?.signal });
    return fetch(input, init).finally(() => (running -= 1));
  };
  const report = await discoverServer({ baseUrl: server.baseUrl, fetch: slow, probe: "list" });
  expect(report.state).toBe("ready");
  // Asked one after the other, each would be a round of its own.
  expect(rounds).toBeLessThan(report.asked.length);
});

verifies("discovery/router-window", "its own field", async () => {
  const routed = playFetch({
    "GET /v1/models": recorded("routers/vllm-router/models"),
    "GET /health": recorded("routers/vllm-router/get_health"),
    "GET /readiness": recorded("routers/vllm-router/get_readiness"),
    "POST /tokenize": recorded("routers/vllm-router/tokenize"),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, fetch: routed });
  expect(report.models).toMatchObject([{ id: "tiny", contextWindow: 4096 }]);
});

verifies("discovery/router-window", "else /tokenize", async () => {
  await using server = await startFakeVllm();
  const withoutWindow: typeof fetch = (input, init) =>
    new URL(new Request(input, init).url).pathname === "/v1/models"
      ? Promise.resolve(Response.json({ object: "list", data: [{ id: server.model, owned_by: "vllm" }] }))
      : fetch(input, init);
  const { models } = await discoverServer({ baseUrl: server.baseUrl, fetch: withoutWindow });
  expect(models[0]?.contextWindow).toBe(32_768);
  expect(models[0]?.profile.contextWindow.evidence).toContain("/tokenize");
});

verifies("discovery/not-vllm", async () => {
  const html = (body: string) => new Response(body, { headers: { "content-type": "text/html" } });
  const list = (owner: string) =>
    Response.json({ object: "list", data: [{ id: "m", object: "model", owned_by: owner }] });
  const CASES: [string, string, Record<string, Response | Error>][] = [
    ["nothing", "SERVER_REFUSED", { "GET *": networkError("ECONNREFUSED") }],
    ["web-page", "WEB_PAGE", { "GET *": html("<!doctype html><title>Shop</title>Welcome") }],
    ["login-page", "LOGIN_PAGE", { "GET *": html("<html><form>Sign in <input type=password></form></html>") }],
    ["openai-compatible", "NOT_VLLM", { "GET /v1/models": list("somebody") }],
    ["sglang", "NOT_VLLM", { "GET /v1/models": list("sglang") }],
    ["llama.cpp", "NOT_VLLM", { "GET /v1/models": list("llamacpp") }],
  ];
  for (const [kind, code, table] of CASES) {
    const report = await discoverServer({ baseUrl: BASE_URL, fetch: playFetch(table) });
    expect(report.kind).toBe(kind);
    expect(codesOf(report), kind).toContain(code);
  }
  await using server = await startFakeVllm();
  const vllm = await discoverServer({ baseUrl: server.baseUrl, probe: "list" });
  expect(vllm.kind).toBe("vllm");
});

verifies("discovery/models-do-not-tell", "of a model that sees", async () => {
  const fetch = playFetch({
    "GET /v1/models": recorded("0.32.0/vision/models"),
    "GET /version": recorded("0.32.0/lab/version"),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, fetch });
  expect(report.models[0]).toMatchObject({ imageInput: { status: "unknown" }, toolCalling: { status: "unknown" } });
});

verifies("discovery/engine-dead", async () => {
  const fetch = playFetch({
    "GET /v1/models": recorded("0.32.0/lab-dies/after-kill-models"),
    "GET /version": recorded("0.32.0/lab/version"),
    "GET /metrics": recorded("0.32.0/lab/metrics"),
    "GET /health": recorded("0.32.0/lab-dies/after-kill-health"),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, fetch });
  expect(report).toMatchObject({ kind: "vllm", state: "unhealthy", healthy: false, models: [{ id: "lab/tiny" }] });
  expect(report.findings[0]).toMatchObject({ code: "ENGINE_DEAD", fix: expect.stringContaining("log") });
});

verifies("discovery/asleep-looks-healthy", async () => {
  const metrics = await recorded("0.32.0/lab/metrics").text();
  const asleep = metrics
    .replaceAll(/(vllm:engine_sleep_state\{.*sleep_state="awake".*\}) [\d.]+/g, "$1 0.0")
    .replaceAll(/(vllm:engine_sleep_state\{.*sleep_state="weights_offloaded".*\}) [\d.]+/g, "$1 1.0");
  expect(asleep).not.toBe(metrics);
  const fetch = playFetch({
    "GET /v1/models": recorded("0.32.0/sleep/models-asleep"),
    "GET /version": recorded("0.32.0/lab/version"),
    "GET /health": recorded("0.32.0/sleep/health-asleep"),
    "GET /metrics": new Response(asleep),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, fetch, probe: "list" });
  expect(report.findings[0]).toMatchObject({
    code: "SERVER_ASLEEP",
    severity: "error",
    fix: expect.stringContaining("/wake_up"),
  });
  expect(report.capacity?.isSleeping).toBe(true);
  using clock = stopClock();
  const waiting = waitUntilReady({ baseUrl: BASE_URL, fetch, timeoutMs: 300 });
  await expect(clock.passUntil(waiting, 10)).rejects.toMatchObject({
    code: "SERVER_STARTING",
  });
});

verifies("discovery/starting", async () => {
  await using server = await startFakeVllm();
  let refusals = 2;
  const starting: typeof fetch = (input, init) => {
    if (refusals > 0 && new URL(new Request(input, init).url).pathname === "/v1/models") refusals -= 1;
    else if (refusals === 0) return fetch(input, init);
    return Promise.reject(networkError("ECONNREFUSED"));
  };
  const states: string[] = [];
  const report = await waitUntilReady({
    baseUrl: server.baseUrl,
    fetch: starting,
    probe: "list",
    timeoutMs: 60_000,
    onProgress: ({ state }) => states.push(state),
  });
  expect(report).toMatchObject({ state: "ready", models: [{ id: server.model }] });
  expect(states).toEqual(["unreachable", "unreachable"]);
});

verifies("discovery/redirect", async () => {
  const seen: (string | undefined)[] = [];
  const other = await listen((request, response) => {
    seen.push(request.headers.authorization);
    response.end("{}");
  });
  const baseUrl = await listen((request, response) => {
    response.writeHead(307, { location: `${other}${request.url}` }).end();
  });
  const report = await discoverServer({ baseUrl, apiKey: "sk-right-4711" });
  expect(seen).toEqual([]);
  expect(codesOf(report)).toContain("REDIRECTED");
  expect(JSON.stringify(report)).not.toMatch(/(?<!\d)4711(?!\d)/);
});

verifies("discovery/redirect", "vLLM's own for a slash stays at home, and is followed", async () => {
  await using server = await startFakeVllm();
  const home = await listen((request, response) => {
    if (request.url === "/v1/models") response.writeHead(307, { location: "/v1/models2" }).end();
    else {
      void fetch(`${server.serverRoot}${request.url?.replace("models2", "models")}`).then(async (answer) =>
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text()),
      );
    }
  });
  const report = await discoverServer({ baseUrl: home, probe: "list" });
  expect(report.models).toMatchObject([{ id: server.model }]);
});

verifies("discovery/hostile", "names", async () => {
  const ids = ["good", "\u001B[31mred\u001B[0m", "__proto__", "constructor", "a\nb", "", "x".repeat(100_000), 7, null];
  const data = ids.map((id) => ({ id, object: "model", owned_by: "vllm", max_model_len: 4096, root: "__proto__" }));
  const fetch = playFetch({
    "GET /v1/models": Response.json({ object: "list", data }),
    "GET /version": recorded("0.32.0/lab/version"),
  });
  const report = await discoverServer({ baseUrl: BASE_URL, fetch });
  for (const { message, fix } of report.findings) expect(`${message}${fix}`).not.toMatch(/\p{Cc}/u);
  expect(report.models.map(({ id }) => id)).toContain("good");
  for (const { id } of report.models) {
    expect(id).not.toMatch(/\p{Cc}/u);
    expect(id.length).toBeLessThan(1000);
  }
  expect(({} as Record<string, unknown>)["contextWindow"]).toBeUndefined();
  expect(diagnose(report)).toEqual(report.findings);
});

verifies("discovery/hostile", "a list without an end, and a drip", async () => {
  const endless = await listen((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const piece = `${JSON.stringify({ id: "x".repeat(1000) })},`.repeat(60);
    response.write('{"object":"list","data":[');
    const pump = (): void => {
      while (!response.destroyed && response.write(piece));
      response.once("drain", pump);
    };
    pump();
  });
  const report = await discoverServer({ baseUrl: endless, probe: "list" });
  expect(codesOf(report)).toContain("MODEL_LIST_TOO_LONG");
  const drip = await listen((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 20);
    response.once("close", () => clearInterval(timer));
  });
  using clock = stopClock();
  const dripped = await clock.passUntil(discoverServer({ baseUrl: drip, timeoutMs: 300 }), 10);
  expect(clock.elapsedMs).toBeLessThan(3000);
  expect(dripped.models).toEqual([]);
});

verifies("discovery/several-servers", async () => {
  await using server = await startFakeVllm();
  await using gone = await startFakeVllm({ fail: "refuse" });
  const silent = await listen(() => {});
  const report = await discoverServers([
    { name: "gone", baseUrl: gone.baseUrl },
    { name: "broken", baseUrl: "http://" },
    { name: "silent", baseUrl: silent, timeoutMs: 300 },
    { name: "live", baseUrl: server.baseUrl, probe: "list" },
  ]);
  expect(report.models).toMatchObject([{ id: server.model, servers: ["live"] }]);
  expect(report.servers.map(({ name }) => name)).toEqual(["gone", "broken", "silent", "live"]);
  expect(
    new Set(report.findings.filter(({ severity }) => severity === "error").map((finding) => finding.server)),
  ).toEqual(new Set(["gone", "broken", "silent"]));
});
