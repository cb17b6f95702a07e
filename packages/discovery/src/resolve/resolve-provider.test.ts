import { setupServer } from "msw/node";
import { http, HttpResponse } from "msw";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { networkError, playFetch, recorded } from "../../test/play.ts";
import { resolveProvider } from "../index.ts";

const neverAsked = playFetch({});
const explicit = {
  baseUrl: "http://gpu:8000/v1",
  apiKey: "VLLM_API_KEY",
  models: [{ id: "org/model", name: "Model" }],
};

describe("an explicit provider", () => {
  test("is used as it is, and no request is made", async () => {
    const fetch = playFetch({});
    const result = await resolveProvider({
      config: { models: { providers: { vllm: explicit } } },
      env: { VLLM_API_KEY: "k" },
      fetch,
    });
    expect(result).toMatchObject({ source: "explicit", providerId: "vllm", provider: explicit, findings: [] });
    expect(result.reason).toBe(
      "models.providers.vllm is set in the config, so it is used as it is and nothing is discovered.",
    );
    expect(fetch.seen).toEqual([]);
  });

  test("wins over VLLM_BASE_URL, also with an empty model list", async () => {
    const result = await resolveProvider({
      config: { models: { providers: { vllm: { ...explicit, models: [] } } } },
      env: { VLLM_API_KEY: "k", VLLM_BASE_URL: "http://other:1/v1" },
      fetch: neverAsked,
    });
    expect(result).toMatchObject({ source: "explicit", provider: { baseUrl: "http://gpu:8000/v1", models: [] } });
    expect(neverAsked.seen).toEqual([]);
  });

  test("of a further server is chosen when the default model names it", async () => {
    const big = { ...explicit, baseUrl: "http://big:8000/v1" };
    const config = {
      models: { providers: { vllm: explicit, "vllm-big": big } },
      agents: { defaults: { model: { primary: "vllm-big/org/model" } } },
    };
    expect(await resolveProvider({ config, env: { VLLM_API_KEY: "k" } })).toMatchObject({
      source: "explicit",
      providerId: "vllm-big",
      provider: big,
    });
    expect(
      await resolveProvider({
        config: { ...config, agents: { defaults: { model: { primary: "openai/x" } } } },
        env: { VLLM_API_KEY: "k" },
      }),
    ).toMatchObject({ providerId: "vllm" });
  });

  test.each([
    ["an alias in any case", { primary: "Fast" }, "vllm-big"],
    ["an alias in OpenClaw's short form", "fast", "vllm-big"],
    ["a word that is no alias", { primary: "slow" }, "vllm"],
  ])("%s of the default model is looked up", async (_, model, providerId) => {
    const models = { "vllm-big/org/model": { alias: "fast" } };
    const config = {
      models: { providers: { vllm: explicit, "vllm-big": explicit } },
      agents: { defaults: { model, models } },
    };
    expect(await resolveProvider({ config, env: { VLLM_API_KEY: "k" } })).toMatchObject({ providerId });
  });

  test.each([
    ["VLLM_API_KEY", {}, false, "VLLM_API_KEY"],
    ["VLLM_API_KEY", { VLLM_API_KEY: " " }, false, "VLLM_API_KEY"],
    ["VLLM_API_KEY", {}, true, undefined],
    ["${GPU_KEY}", { VLLM_API_KEY: "k" }, true, "GPU_KEY"],
    ["${GPU_KEY}", { GPU_KEY: "k" }, false, undefined],
    ["sk-literal", {}, false, undefined],
  ])("apiKey %j with %j (profile: %s) misses the variable %s", async (apiKey, env, hasAuthProfile, missing) => {
    const { source, findings } = await resolveProvider({
      config: { models: { providers: { vllm: { ...explicit, apiKey } } } },
      env,
      hasAuthProfile,
      fetch: neverAsked,
    });
    expect(source).toBe("explicit");
    expect(findings.map((finding) => finding.code)).toEqual(missing === undefined ? [] : ["KEY_VARIABLE_UNSET"]);
    if (missing !== undefined) expect(findings[0]?.message).toContain(missing);
  });

  test("that is broken is unavailable, and says which key", async () => {
    const result = await resolveProvider({
      config: { models: { providers: { vllm: { baseUrl: 8 } } } },
      env: {},
      fetch: neverAsked,
    });
    expect(result.source).toBe("unavailable");
    expect(result.reason).toMatch(/models\.providers\.vllm\.baseUrl: .*; models\.providers\.vllm\.models: /);
    expect(result.findings).toMatchObject([{ code: "CONFIG_INVALID", severity: "error" }]);
    const models = [{ id: "m", name: 1 }];
    const second = await resolveProvider({
      config: { models: { providers: { vllm: { ...explicit, models } } } },
      env: {},
    });
    expect(second.reason).toContain("models.providers.vllm.models[0].name: ");
  });
});

describe("nobody opted in", () => {
  test.each([
    [
      {},
      /^Discovery is off because VLLM_API_KEY is not set and there is neither an auth profile for vllm nor models\.providers\.vllm; set VLLM_API_KEY to any value to look at http:\/\/127\.0\.0\.1:8000\/v1\.$/,
    ],
    [{ VLLM_API_KEY: "" }, /^Discovery is off because VLLM_API_KEY is set but blank and/],
    [{ VLLM_API_KEY: " \r\n" }, /^Discovery is off because VLLM_API_KEY is set but blank and/],
    [{ VLLM_BASE_URL: "http://gpu:1/v1" }, /look at http:\/\/gpu:1\/v1\.$/],
    [{ VLLM_BASE_URL: "http://me:secret@gpu:1/v1?key=secret" }, /look at http:\/\/gpu:1\/v1\.$/],
  ])("%j: off, and no request", async (env, reason) => {
    const fetch = playFetch({});
    const result = await resolveProvider({ config: {}, env, fetch });
    expect(result).toEqual({ source: "off", providerId: "vllm", reason: expect.stringMatching(reason), findings: [] });
    expect(fetch.seen).toEqual([]);
  });
});

describe("opted in", () => {
  const server = {
    "GET /v1/models": recorded("0.32.0/tools-hermes/models"),
    "GET /version": recorded("0.32.0/hermes-qwen3/version"),
    "GET /health": recorded("0.32.0/hermes-qwen3/health"),
  };

  test("by VLLM_API_KEY: the server is asked at the default address, with the key", async () => {
    const fetch = playFetch(server);
    const result = await resolveProvider({ env: { VLLM_API_KEY: " sk-1\n" }, fetch });
    expect(result.source).toBe("discovered");
    expect(result.reason).toBe(
      "Found vLLM 0.32.0 at http://127.0.0.1:8000/v1 with the model tiny; it was asked because VLLM_API_KEY is set.",
    );
    expect(result.provider).toMatchObject({
      baseUrl: "http://127.0.0.1:8000/v1",
      api: "openai-completions",
      apiKey: "VLLM_API_KEY",
      models: [{ id: "tiny", contextWindow: 4096, maxTokens: 1024 }],
    });
    expect(
      fetch.seen
        .filter((request) => request.path === "/v1/models")
        .map((request) => request.headers.get("authorization")),
    ).toEqual(expect.arrayContaining(["Bearer sk-1", null]));
    expect(JSON.stringify(result)).not.toContain("sk-1");
  });

  test("a dead engine: the models are known, and the reason says that they do not work now", async () => {
    const fetch = playFetch({ ...server, "GET /health": new Response(null, { status: 503 }) });
    const result = await resolveProvider({ env: { VLLM_API_KEY: "k" }, fetch });
    expect(result.source).toBe("discovered");
    expect(result.reason).toBe(
      "Found vLLM 0.32.0 at http://127.0.0.1:8000/v1 with the model tiny, and it does not work now (ENGINE_DEAD); it was asked because VLLM_API_KEY is set.",
    );
  });

  test("by an auth profile: its key is sent and never repeated", async () => {
    const fetch = playFetch(server);
    const result = await resolveProvider({ env: {}, hasAuthProfile: true, authProfileKey: "sk-profile", fetch });
    expect(result).toMatchObject({
      source: "discovered",
      reason: expect.stringContaining("there is an auth profile for vllm"),
    });
    expect(result.provider).not.toHaveProperty("apiKey");
    expect(fetch.seen[0]?.headers.get("authorization")).toBe("Bearer sk-profile");
    expect(JSON.stringify(result)).not.toContain("sk-profile");
  });

  test("VLLM_API_KEY wins over the profile's key", async () => {
    const fetch = playFetch(server);
    await resolveProvider({ env: { VLLM_API_KEY: "env" }, hasAuthProfile: true, authProfileKey: "profile", fetch });
    expect(fetch.seen[0]?.headers.get("authorization")).toBe("Bearer env");
  });

  test("VLLM_BASE_URL is accepted as people paste it", async () => {
    const result = await resolveProvider({
      env: { VLLM_API_KEY: "k", VLLM_BASE_URL: "gpu:9000/v1/chat/completions" },
      fetch: playFetch(server),
    });
    expect(result.provider?.baseUrl).toBe("http://gpu:9000/v1");
  });

  test("a VLLM_BASE_URL that is no address is unavailable", async () => {
    const result = await resolveProvider({ env: { VLLM_API_KEY: "k", VLLM_BASE_URL: "ftp://x" }, fetch: neverAsked });
    expect(result).toMatchObject({
      source: "unavailable",
      reason: 'VLLM_BASE_URL is not usable: "ftp://x" is not the address of an HTTP server.',
      findings: [{ code: "CONFIG_INVALID" }],
    });
  });

  test("nothing listens: unavailable, with the reason and the advice", async () => {
    const result = await resolveProvider({
      env: { VLLM_API_KEY: "k" },
      fetch: playFetch({ "GET *": () => networkError("ECONNREFUSED") }),
    });
    expect(result.source).toBe("unavailable");
    expect(result).not.toHaveProperty("provider");
    expect(result.reason).toBe(
      "The server at http://127.0.0.1:8000/v1 was asked because VLLM_API_KEY is set, and it cannot be used: nothing listens at 127.0.0.1:8000: the connection was refused (http://127.0.0.1:8000/v1/models).",
    );
    expect(result.findings).toMatchObject([{ code: "SERVER_REFUSED", severity: "error" }]);
  });

  test("a server without a model that chats: what is merely worth knowing is not the reason", async () => {
    const fetch = playFetch({
      ...server,
      "GET /health": new Response(null),
      "GET /v1/embeddings": Response.json({}, { status: 405 }),
      "GET /v1/chat/completions": Response.json({ detail: "Not Found" }, { status: 404 }),
    });
    const result = await resolveProvider({ env: { VLLM_API_KEY: "k" }, fetch });
    expect(result.source).toBe("unavailable");
    expect(result.reason).toMatch(/and it cannot be used: it serves no chat model\.$/);
  });

  test("the wrong key: unavailable, and the key is not repeated", async () => {
    const result = await resolveProvider({
      env: { VLLM_API_KEY: "sk-wrong" },
      fetch: playFetch({ ...server, "GET /v1/models": recorded("0.32.0/api-key/models-wrong-key") }),
    });
    expect(result).toMatchObject({ source: "unavailable", findings: [{ code: "KEY_WRONG" }] });
    expect(JSON.stringify(result)).not.toContain("sk-wrong");
  });

  test("the caller's signal stops it with ABORTED", async () => {
    const stop = AbortSignal.abort();
    await expect(
      resolveProvider({ env: { VLLM_API_KEY: "k" }, signal: stop, fetch: playFetch(server) }),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("over the network (msw)", () => {
  const server = setupServer(
    http.get("http://127.0.0.1:8000/v1/models", ({ request }) =>
      request.headers.get("authorization") === "Bearer sk-lab"
        ? recorded("0.32.0/tools-hermes/models")
        : HttpResponse.json({ error: "Unauthorized" }, { status: 401 }),
    ),
    http.get("http://127.0.0.1:8000/version", () => recorded("0.32.0/hermes-qwen3/version")),
    http.all("*", () => HttpResponse.json({ detail: "Not Found" }, { status: 404 })),
  );
  beforeAll(() => server.listen());
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());

  test("finds the server and that it wants the key", async () => {
    const result = await resolveProvider({ env: { VLLM_API_KEY: "sk-lab" }, fetch: globalThis.fetch });
    expect(result.source).toBe("discovered");
    expect(result.report?.capabilities.apiKey).toMatchObject({ status: "yes" });
  });
});
