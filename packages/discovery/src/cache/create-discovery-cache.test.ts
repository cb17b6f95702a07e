import { VllmError } from "@vllm/schema";
import { describe, expect, test, vi } from "vitest";
import type { SeenRequest } from "../../test/play.ts";
import { networkError, playFetch } from "../../test/play.ts";
import { loadRecordedTemplate, playTemplate } from "../../test/recorded-template.ts";
import type { CacheEntry, DiscoveryStore } from "../index.ts";
import { createDiscoveryCache, diagnose, resolveProvider } from "../index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";

/** A server whose state a test changes between probes. */
function createServer() {
  const play = playTemplate(loadRecordedTemplate("Qwen-Qwen2.5-7B-Instruct"));
  const state = {
    isUp: true,
    models: [{ id: "tiny", root: "lab/tiny", owned_by: "vllm", max_model_len: 32768 }] as Record<string, unknown>[],
    version: "0.32.0",
    startedAt: 1_795_362_586.05,
    delayMs: 0,
  };
  const whenUp = (reply: (request: SeenRequest) => Response) => async (request: SeenRequest) => {
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
    return state.isUp ? reply(request) : networkError("ECONNREFUSED");
  };
  const fetch = playFetch({
    "GET /v1/models": whenUp(() => Response.json({ object: "list", data: state.models })),
    "GET /version": whenUp(() => Response.json({ version: state.version })),
    "GET /health": whenUp(() => new Response(null)),
    "GET /metrics": whenUp(
      () => new Response(`process_start_time_seconds ${state.startedAt}\nvllm:num_requests_running 0\n`),
    ),
    "POST /tokenize": whenUp(({ body }) => {
      const { messages } = body as { messages: { content: string }[] };
      // The recording knows counting words only: a plain prompt is enough here.
      const text = messages.map(({ content }) => content).join(" ");
      const tokens = Array.from(text, (character) => character.codePointAt(0));
      return Response.json({ count: tokens.length, max_model_len: 32768, tokens });
    }),
    "POST /detokenize": whenUp(({ body }) => play("/detokenize", body as Record<string, unknown>)),
    "GET *": whenUp(() => Response.json({ detail: "Not Found" }, { status: 404 })),
    "POST *": whenUp(() => Response.json({ detail: "Not Found" }, { status: 404 })),
  });
  const count = (path: string) => fetch.seen.filter((request) => request.path === path).length;
  return { state, fetch, count, lists: () => count("/v1/models"), renderings: () => count("/tokenize") };
}

function createMemoryStore(): DiscoveryStore & { entries: Map<string, unknown> } {
  const entries = new Map<string, unknown>();
  return {
    entries,
    read: async (key) => entries.get(key),
    write: async (key, entry: CacheEntry) => void entries.set(key, JSON.parse(JSON.stringify(entry))),
  };
}

const codes = (report: { findings: readonly { code: string }[] }) => report.findings.map((finding) => finding.code);

describe("how often a server is asked", () => {
  test("a fresh answer is given out again until its time is over", async () => {
    const server = createServer();
    let now = 1000;
    const cache = createDiscoveryCache({ ttlMs: 60_000, now: () => now });
    const first = await cache.discover({ baseUrl, fetch: server.fetch });
    now += 59_000;
    expect(await cache.discover({ baseUrl: "127.0.0.1:8000", fetch: server.fetch })).toBe(first);
    expect(server.lists()).toBe(1);
    now += 2000;
    await cache.discover({ baseUrl, fetch: server.fetch });
    expect(server.lists()).toBe(2);
  });

  test("force asks again", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(server.lists()).toBe(2);
  });

  test("callers at the same time share one probe", async () => {
    const server = createServer();
    server.state.delayMs = 5;
    const cache = createDiscoveryCache();
    const reports = await Promise.all(
      Array.from({ length: 20 }, () => cache.discover({ baseUrl, fetch: server.fetch })),
    );
    expect(new Set(reports).size).toBe(1);
    expect(server.lists()).toBe(1);
  });

  test("one caller's abort takes the answer from nobody else", async () => {
    const server = createServer();
    server.state.delayMs = 20;
    const cache = createDiscoveryCache();
    const stop = new AbortController();
    const leaving = cache.discover({ baseUrl, fetch: server.fetch, signal: stop.signal });
    const staying = cache.discover({ baseUrl, fetch: server.fetch });
    stop.abort();
    await expect(leaving).rejects.toMatchObject({ code: "ABORTED" });
    expect((await staying).models).toHaveLength(1);
    await expect(
      cache.discover({ baseUrl, force: true, fetch: server.fetch, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("other keys and other servers are other entries", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    await cache.discover({ baseUrl, apiKey: "a", fetch: server.fetch });
    await cache.discover({ baseUrl, apiKey: "b", fetch: server.fetch });
    await cache.discover({ baseUrl: "http://other:8000", fetch: server.fetch });
    // With a key the list is asked twice: with it and without.
    expect(server.lists()).toBe(6);
  });

  test("a richer probe than the kept one asks again, a poorer one does not", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch, probe: "list" });
    expect(server.renderings()).toBe(0);
    const rich = await cache.discover({ baseUrl, fetch: server.fetch });
    expect(server.lists()).toBe(2);
    expect(await cache.discover({ baseUrl, fetch: server.fetch, probe: "list" })).toBe(rich);
  });

  test("clear forgets", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    cache.clear();
    await cache.discover({ baseUrl, fetch: server.fetch });
    expect(server.lists()).toBe(2);
  });
});

describe("what was seen of templates", () => {
  test.each<[string, (state: ReturnType<typeof createServer>["state"]) => void, boolean]>([
    ["nothing has changed", () => {}, false],
    ["another version", (state) => (state.version = "0.33.0"), true],
    ["a version that did not come this time", (state) => (state.version = ""), false],
    ["a restart", (state) => (state.startedAt += 100), true],
    [
      "another root behind the same name",
      (state) => (state.models = [{ ...state.models[0], root: "lab/other" }]),
      true,
    ],
  ])("%s: probed again: %3$s", async (_name, change, isProbedAgain) => {
    const server = createServer();
    const cache = createDiscoveryCache();
    const first = await cache.discover({ baseUrl, fetch: server.fetch });
    expect(first.capabilities.tokenize.status).toBe("yes");
    const before = server.renderings();
    expect(before).toBeGreaterThan(0);
    change(server.state);
    const second = await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(server.renderings() > before).toBe(isProbedAgain);
    expect(second.models[0]?.profile.history).toEqual(first.models[0]?.profile.history);
  });

  test("a probe that asks for the list only keeps it", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    const first = await cache.discover({ baseUrl, fetch: server.fetch });
    const before = server.renderings();
    const list = await cache.discover({ baseUrl, fetch: server.fetch, probe: "list", force: true });
    expect(list.models).toEqual(first.models);
    await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(server.renderings()).toBe(before);
  });

  test("the list stays newer than what is remembered", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    server.state.models = [{ ...server.state.models[0], max_model_len: 16384 }];
    const report = await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(report.models[0]).toMatchObject({
      contextWindow: 16384,
      profile: { contextWindow: { value: 16384, source: "server" } },
    });
  });
});

describe("when a probe fails", () => {
  test("the last good models stay, the state is today's, and it is said", async () => {
    const server = createServer();
    let now = Date.parse("2026-11-22T10:00:00Z");
    const cache = createDiscoveryCache({ now: () => now });
    const good = await cache.discover({ baseUrl, fetch: server.fetch });
    server.state.isUp = false;
    now += 120_000;
    const report = await cache.discover({ baseUrl, fetch: server.fetch });
    expect(report).toMatchObject({
      state: "unreachable",
      healthy: false,
      version: "0.32.0",
      modelsSeenAt: good.checkedAt,
      error: { code: "SERVER_UNREACHABLE" },
    });
    expect(report.models).toEqual(good.models);
    expect(codes(report)).toEqual(["SERVER_REFUSED", "LAST_GOOD_ANSWER_USED"]);
    expect(diagnose(report)).toEqual(report.findings);
  });

  test("an empty list with status 200 erases nothing", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    server.state.models = [];
    const report = await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(report.models.map((model) => model.id)).toEqual(["tiny"]);
    expect(codes(report)).toContain("LAST_GOOD_ANSWER_USED");
  });

  test("a failure is asked again soon, and a recovery is seen", async () => {
    const server = createServer();
    let now = 0;
    const cache = createDiscoveryCache({ now: () => now });
    server.state.isUp = false;
    expect((await cache.discover({ baseUrl, fetch: server.fetch })).models).toEqual([]);
    const asked = server.lists();
    now += 1000;
    await cache.discover({ baseUrl, fetch: server.fetch });
    expect(server.lists()).toBe(asked);
    server.state.isUp = true;
    now += 5000;
    const report = await cache.discover({ baseUrl, fetch: server.fetch });
    expect(report.state).toBe("ready");
    expect(report).not.toHaveProperty("modelsSeenAt");
    expect(codes(report)).not.toContain("LAST_GOOD_ANSWER_USED");
  });

  test("resolveProvider uses it: discovered, with a reason that says so", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    const env = { VLLM_API_KEY: "k" };
    expect((await resolveProvider({ env, fetch: server.fetch, cache })).reason).toContain("Found vLLM 0.32.0");
    server.state.isUp = false;
    await cache.discover({ baseUrl, apiKey: "k", fetch: server.fetch, force: true });
    const result = await resolveProvider({ env, fetch: server.fetch, cache });
    expect(result).toMatchObject({ source: "discovered", provider: { models: [{ id: "tiny" }] } });
    expect(result.reason).toMatch(
      /^The server at http:\/\/127\.0\.0\.1:8000\/v1 gives no models now \(SERVER_UNREACHABLE\), so the model tiny of .*Z is kept; it was asked because VLLM_API_KEY is set\.$/,
    );
  });
});

describe("what requests taught", () => {
  const tooLong = new VllmError({ code: "CONTEXT_LENGTH_EXCEEDED", message: "", hint: "", maxModelLen: 8192 });
  const noTools = new VllmError({ code: "TOOL_PARSER_NOT_ENABLED", message: "", hint: "" });

  test("a window out of a refusal, where the server does not say one", async () => {
    const server = createServer();
    server.state.models = [{ id: "tiny", root: "r", owned_by: "vllm" }];
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch, probe: "list" });
    await cache.learn({ baseUrl, model: "tiny" }, tooLong);
    const report = await cache.discover({ baseUrl, fetch: server.fetch, probe: "list" });
    expect(report.models[0]).toMatchObject({
      contextWindow: 8192,
      profile: { contextWindow: { value: 8192, source: "learned" } },
    });
    expect(codes(report)).not.toContain("WINDOW_UNKNOWN");
    const again = await cache.discover({ baseUrl, fetch: server.fetch, probe: "list", force: true });
    expect(again.models[0]?.contextWindow).toBe(8192);
  });

  test("the server's own word is better than what was learned", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    await cache.learn({ baseUrl, model: "tiny" }, tooLong);
    expect((await cache.discover({ baseUrl, fetch: server.fetch })).models[0]?.contextWindow).toBe(32768);
  });

  test("an answer with a call: tools work, also after they were refused", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    const tools = async () => (await cache.discover({ baseUrl, fetch: server.fetch })).models[0]?.toolCalling;
    await cache.learn({ baseUrl, model: "tiny" }, { toolCalls: [] });
    expect((await tools())?.status).not.toBe("yes");
    await cache.learn({ baseUrl, model: "tiny" }, { toolCalls: [{ recovered: true }, { parseError: {} }] });
    expect((await tools())?.status).not.toBe("yes");
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    await cache.learn({ baseUrl, model: "tiny" }, { toolCalls: [{}] });
    expect(await tools()).toMatchObject({
      status: "yes",
      source: "learned",
      evidence: expect.stringContaining("held a call"),
    });
    const again = await cache.discover({ baseUrl, fetch: server.fetch, force: true });
    expect(again.models[0]).toMatchObject({
      toolCalling: { status: "yes" },
      profile: { toolCalling: { value: "yes" } },
    });
  });

  test("what is known already is not written again", async () => {
    const server = createServer();
    const store = createMemoryStore();
    const write = vi.spyOn(store, "write");
    const cache = createDiscoveryCache({ store });
    await cache.discover({ baseUrl, fetch: server.fetch });
    write.mockClear();
    for (const toolCalls of [[{}], [{}], [{}, {}]]) await cache.learn({ baseUrl, model: "tiny" }, { toolCalls });
    expect(write).toHaveBeenCalledTimes(1);
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    await cache.learn({ baseUrl, model: "tiny" }, { toolCalls: [{}] });
    expect(write).toHaveBeenCalledTimes(3);
  });

  test("refused tools are kept, and dropped when the server is another", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    await cache.discover({ baseUrl, fetch: server.fetch });
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    const tools = async (force: boolean) =>
      (await cache.discover({ baseUrl, fetch: server.fetch, force })).models[0]?.toolCalling;
    expect(await tools(false)).toMatchObject({ status: "no", source: "learned" });
    expect(await tools(true)).toMatchObject({ status: "no", source: "learned" });
    server.state.startedAt += 100;
    expect(await tools(true)).toMatchObject({ source: "probed" });
  });

  test("refused tools are a finding of later probes", async () => {
    const server = createServer();
    const cache = createDiscoveryCache();
    const look = () => cache.discover({ baseUrl, fetch: server.fetch, probe: "list", force: true });
    expect(codes(await look())).not.toContain("TOOL_PARSER_MISSING");
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    expect(codes(await look())).toContain("TOOL_PARSER_MISSING");
  });

  test("other errors, and servers nobody has looked at, teach nothing", async () => {
    const store = createMemoryStore();
    const cache = createDiscoveryCache({ store });
    await cache.learn({ baseUrl, model: "tiny" }, noTools);
    await cache.learn({ baseUrl, model: "tiny" }, new VllmError({ code: "SERVER_ERROR", message: "", hint: "" }));
    expect(store.entries.size).toBe(0);
  });
});

describe("with a store", () => {
  test("another process starts with what is known, and says that it is old", async () => {
    const server = createServer();
    const store = createMemoryStore();
    await createDiscoveryCache({ store }).discover({ baseUrl, apiKey: "sk-secret", fetch: server.fetch });
    expect(JSON.stringify([...store.entries])).not.toContain("sk-secret");
    server.state.isUp = false;
    const report = await createDiscoveryCache({ store }).discover({ baseUrl, apiKey: "sk-other", fetch: server.fetch });
    expect(report.models.map((model) => model.id)).toEqual(["tiny"]);
    expect(codes(report)).toContain("LAST_GOOD_ANSWER_USED");
  });

  test("templates are not probed again, and learned facts stay", async () => {
    const server = createServer();
    const store = createMemoryStore();
    const first = createDiscoveryCache({ store });
    await first.discover({ baseUrl, fetch: server.fetch });
    await first.learn(
      { baseUrl, model: "tiny" },
      new VllmError({ code: "TOOL_PARSER_NOT_ENABLED", message: "", hint: "" }),
    );
    const before = server.renderings();
    const report = await createDiscoveryCache({ store }).discover({ baseUrl, fetch: server.fetch });
    expect(server.renderings()).toBe(before);
    expect(report.models[0]?.toolCalling).toMatchObject({ status: "no", source: "learned" });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["another layout", { format: 2, report: {}, learned: [], savedAt: 1 }],
    ["no report", { format: 1, learned: [], savedAt: 1 }],
    ["a report without models", { format: 1, report: { models: [] }, learned: [], savedAt: 1 }],
    [
      "broken models",
      { format: 1, report: { apiRoot: "x", checkedAt: 1, models: [{ id: 7 }] }, learned: [], savedAt: 1 },
    ],
    [
      "a broken profile",
      {
        format: 1,
        report: { apiRoot: "x", checkedAt: 1, models: [{ id: "a", aliases: [], profile: { id: "a" } }] },
        learned: [],
        savedAt: 1,
      },
    ],
    ["a text", "x"],
    ["null", null],
  ])("what is no entry is not used: %s", async (_name, entry) => {
    const server = createServer();
    server.state.isUp = false;
    const store: DiscoveryStore = { read: async () => entry, write: async () => {} };
    expect((await createDiscoveryCache({ store }).discover({ baseUrl, fetch: server.fetch })).models).toEqual([]);
  });

  test("a store that fails changes nothing", async () => {
    const server = createServer();
    const store: DiscoveryStore = {
      read: () => Promise.reject(new Error("EACCES")),
      write: () => Promise.reject(new Error("ENOSPC")),
    };
    expect((await createDiscoveryCache({ store }).discover({ baseUrl, fetch: server.fetch })).models).toHaveLength(1);
  });
});
