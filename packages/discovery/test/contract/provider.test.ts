import { createDiscoveryCache, resolveProvider } from "@vllm/discovery";
import { describeTargets, verifies } from "@vllm-tooling/contract";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { expect } from "vitest";
import { playFetch } from "../play.ts";
import { optionsFor } from "./probe.ts";

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("discovery/opt-in", "opted in", async () => {
    const served = await target.serve("demo");
    const { source, provider, reason } = await resolveProvider({
      env: { VLLM_API_KEY: "planted-4711", VLLM_BASE_URL: served.baseUrl },
      fetch: served.fetch,
      probe: "list",
    });
    expect(source).toBe("discovered");
    expect(provider).toMatchObject({
      baseUrl: served.baseUrl,
      apiKey: "VLLM_API_KEY",
      models: [{ id: served.model, contextWindow: 32_768 }],
    });
    expect(reason).toContain("VLLM_API_KEY is set");
    expect(JSON.stringify([provider, reason])).not.toContain("planted-4711");
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("discovery/explicit-provider-not-probed", async () => {
    const served = await target.serve("demo");
    const model = {
      id: "mine",
      name: "Mine",
      reasoning: false,
      input: ["text"],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 32_768,
      maxTokens: 4096,
    };
    const settings = { baseUrl: served.baseUrl, apiKey: "VLLM_API_KEY", api: "openai-completions", models: [model] };
    const resolution = await resolveProvider({
      config: { models: { providers: { vllm: settings } } },
      env: { VLLM_API_KEY: "x", VLLM_BASE_URL: served.baseUrl },
      fetch: served.fetch,
    });
    expect(resolution).toMatchObject({ source: "explicit", provider: settings });
    expect(resolution.reason).toContain("models.providers.vllm");
    expect(served.requests).toEqual([]);
  });

  verifies("discovery/opt-in", async () => {
    const served = await target.serve("demo");
    for (const env of [{}, { VLLM_API_KEY: "" }, { VLLM_API_KEY: " \n" }]) {
      const resolution = await resolveProvider({ env: { ...env, VLLM_BASE_URL: served.baseUrl }, fetch: served.fetch });
      expect(resolution).toMatchObject({ source: "off", reason: expect.stringContaining("VLLM_API_KEY") });
      expect(resolution).not.toHaveProperty("provider");
    }
    expect(served.requests).toEqual([]);
    const profile = await resolveProvider({
      env: { VLLM_BASE_URL: served.baseUrl },
      hasAuthProfile: true,
      fetch: served.fetch,
      probe: "list",
    });
    expect(profile).toMatchObject({ source: "discovered", reason: expect.stringContaining("auth profile") });
    expect(profile.provider).not.toHaveProperty("apiKey");
  });
});

verifies("discovery/last-good-answer", async () => {
  const server = await startFakeVllm();
  const cache = createDiscoveryCache({ ttlMs: 0 });
  const look = (fetch?: typeof globalThis.fetch) =>
    cache.discover({ ...optionsFor(server as never), fetch, probe: "list", force: true });
  const good = await look();
  expect(good.models).toHaveLength(1);
  const empty = playFetch({ "GET /v1/models": Response.json({ object: "list", data: [] }) });
  for (const kept of [await look(empty), await server.close().then(() => look())]) {
    expect(kept.models.map(({ id }) => id)).toEqual([server.model]);
    expect(kept.modelsSeenAt).toBe(good.checkedAt);
    expect(kept.findings.map(({ code }) => code)).toContain("LAST_GOOD_ANSWER_USED");
  }
});
