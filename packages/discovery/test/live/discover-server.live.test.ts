import { describe, expect, test } from "vitest";
import {
  createDiscoveryCache,
  diagnose,
  discoverServer,
  suggestServeCommand,
  toModelEntries,
  waitUntilReady,
} from "../../src/index.ts";
import { createProbeHttp } from "../../src/http/create-probe-http.ts";
import { toHeaders } from "../../src/options/to-headers.ts";

const baseUrl = process.env["VLLM_LIVE_BASE_URL"] ?? "";
const apiKey = process.env["VLLM_LIVE_API_KEY"];

async function metric(name: string): Promise<number> {
  const { serverRoot } = await discoverServer({ baseUrl, apiKey, probe: "list" });
  const text = await (await fetch(`${serverRoot}/metrics`)).text();
  return Array.from(text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm")), (match) =>
    Number(match[1]),
  ).reduce((sum, value) => sum + value, 0);
}

describe.runIf(baseUrl !== "")("a real vLLM", () => {
  test("is known as one, ready, with a window for every model", async () => {
    const report = await discoverServer({ baseUrl, apiKey, timeoutMs: 20_000 });
    expect(report).toMatchObject({
      kind: "vllm",
      state: "ready",
      healthy: true,
      error: undefined,
      capabilities: { tokenize: { status: "yes" } },
    });
    expect(report.version).toMatch(/^\d+\.\d+/);
    expect(report.models.length).toBeGreaterThan(0);
    for (const model of report.models) {
      expect(model.contextWindow).toBeGreaterThan(0);
      expect(model).toMatchObject({
        task: "chat",
        templateTools: { status: "yes" },
        profile: { history: { source: "probed" } },
      });
      expect(model.profile.toolParser?.value).toBeDefined();
    }
    expect(toModelEntries(report.models, { host: "coderclaw" }).map(({ id }) => id)).toEqual(
      report.models.map(({ id }) => id),
    );
    expect(suggestServeCommand(report)?.command).toMatch(/^vllm serve \S+ .*--tool-call-parser \w+/);
  });

  test("a passive probe generates no token", async () => {
    const before = await metric("vllm:prompt_tokens_total");
    await discoverServer({ baseUrl, apiKey, timeoutMs: 20_000 });
    expect(await metric("vllm:prompt_tokens_total")).toBe(before);
  });

  test("the requests that are refused last generate no token", async () => {
    const before = await metric("vllm:prompt_tokens_total");
    const { apiRoot, models } = await discoverServer({ baseUrl, apiKey, probe: "list" });
    const { dryRun, WEATHER_TOOL } = await import("../../src/active/dry-run.ts");
    const http = createProbeHttp({ credentials: toHeaders({ apiKey }), deadline: AbortSignal.timeout(20_000) });
    const run = await dryRun(http, apiRoot, { model: models[0]?.id, tools: [WEATHER_TOOL] });
    expect(["accepted", "refused"]).toContain(run.kind);
    expect(await metric("vllm:prompt_tokens_total")).toBe(before);
  });

  test("an active probe knows about the parsers and says what it cost", async () => {
    const report = await discoverServer({ baseUrl, apiKey, probe: "active", evenIfBusy: true, timeoutMs: 60_000 });
    expect(report.models[0]?.toolCalling.status).not.toBe("unknown");
    expect(report.models[0]?.reasoning.status).not.toBe("unknown");
    expect(report.models[0]?.structuredOutput.status).toBe("yes");
    expect(report.models[0]?.profile.strictTools).toMatchObject({ value: "yes", source: "probed" });
    expect(report.tokensSpent).toBeGreaterThan(0);
    expect(report.tokensSpent).toBeLessThan(2000);
  });

  test("findings of a server with which little is wrong", async () => {
    const look = (more: object) => discoverServer({ baseUrl, apiKey, probe: "list", ...more });
    const codes = (report: Parameters<typeof diagnose>[0]) => diagnose(report).map(({ code }) => code);
    const report = await look({ probe: "passive", timeoutMs: 20_000 });
    expect(codes(report)).toEqual(expect.arrayContaining(["SYSTEM_MESSAGES_REJECTED", "BROWSERS_REFUSED"]));
    expect(report.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    const gone = diagnose(report, { expectedModels: ["lab/tinny"] })[0];
    expect(gone).toMatchObject({ code: "MODEL_GONE", fix: expect.stringContaining("Did you mean lab/tiny?") });
    if (apiKey === undefined) expect(codes(await look({ apiKey: "sk-any" }))).toContain("KEY_NOT_NEEDED");
    const named = await look({ baseUrl: baseUrl.replace("://", "://me:secret-4711@") });
    expect(codes(named)).toContain("CREDENTIALS_IN_URL");
    expect(JSON.stringify(named)).not.toContain("secret-4711");
    expect(codes(await look({ baseUrl: baseUrl.replace(/\/v1$/, "/elsewhere/v1") }))).toEqual(["WRONG_PATH"]);
  });

  test("a busy server: said, and nothing is generated", async () => {
    const { apiRoot, models } = await discoverServer({ baseUrl, apiKey, probe: "list" });
    const stop = new AbortController();
    const body = JSON.stringify({
      model: models[0]?.id,
      prompt: "x",
      max_tokens: 30_000,
      ignore_eos: true,
      stream: true,
    });
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey ?? "none"}` };
    const answers = Array.from({ length: 24 }, async () => {
      const response = await fetch(`${apiRoot}/completions`, { method: "POST", headers, body, signal: stop.signal });
      await response.text();
    });
    try {
      // The lab works on 8 requests at a time.
      await expect.poll(async () => (await look()).capacity?.waiting, { timeout: 20_000 }).toBeGreaterThan(0);
      const report = await look({ probe: "active", timeoutMs: 30_000 });
      expect(report.findings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(["SERVER_BUSY", "PROBE_SKIPPED_BUSY"]),
      );
      expect(report.tokensSpent).toBe(0);
    } finally {
      stop.abort();
      await Promise.allSettled(answers);
    }
    await expect.poll(async () => (await look()).capacity?.running, { timeout: 30_000 }).toBe(0);

    function look(more: object = {}) {
      return discoverServer({ baseUrl, apiKey, probe: "list", ...more });
    }
  });

  test("the routes are seen without /openapi.json", async () => {
    const { asked, capabilities } = await discoverServer({ baseUrl, apiKey, probe: "list" });
    expect(asked.map(({ path }) => path)).not.toContain("/openapi.json");
    expect(capabilities.responses.status).toBe("yes");
  });

  test("the cache probes the templates once", async () => {
    const cache = createDiscoveryCache();
    const first = await cache.discover({ baseUrl, apiKey, timeoutMs: 20_000 });
    const second = await cache.discover({ baseUrl, apiKey, timeoutMs: 20_000, force: true });
    expect(first.templateProbe.requests).toBeGreaterThan(0);
    expect(second.templateProbe.requests).toBe(0);
    expect(second.models).toEqual(first.models);
  });

  test("waitUntilReady comes back at once", async () => {
    expect((await waitUntilReady({ baseUrl, apiKey, timeoutMs: 30_000 })).state).toBe("ready");
  });
});
