import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { networkError, playFetch } from "./play.ts";
import { discoverServers, resolveProviders } from "../src/index.ts";

const vllm = (...ids: string[]) =>
  playFetch({
    "GET /v1/models": Response.json({ data: ids.map((id) => ({ id, owned_by: "vllm", max_model_len: 32768 })) }),
    "GET /version": Response.json({ version: "0.32.0" }),
  });
const down = playFetch({ "GET *": () => networkError("ECONNREFUSED") });

describe("discoverServers", () => {
  test("a dead, a slow and a wrong one hide none of the others", async () => {
    using clock = stopClock();
    const looking = discoverServers([
      { name: "dead", baseUrl: "http://dead:8000", fetch: down },
      { name: "a", baseUrl: "http://a:8000", fetch: vllm("qwen", "shared") },
      { name: "slow", baseUrl: "http://slow:8000", timeoutMs: 100, fetch: () => new Promise(() => {}) },
      { name: "typo", baseUrl: "htp:/x" },
      { baseUrl: "http://me:secret@b:8000/v1?key=secret", fetch: vllm("shared", "glm") },
    ]);
    const { servers, models, findings } = await clock.passUntil(looking, 10);
    expect(clock.elapsedMs).toBeLessThan(2000);
    expect(servers.map(({ name, report, error }) => [name, report?.state, error?.code])).toEqual([
      ["dead", "unreachable", undefined],
      ["a", "ready", undefined],
      ["slow", "unreachable", undefined],
      ["typo", undefined, "CONFIG_INVALID"],
      ["http://b:8000/v1", "ready", undefined],
    ]);
    expect(models.map(({ id, servers: names }) => [id, names])).toEqual([
      ["qwen", ["a"]],
      ["shared", ["a", "http://b:8000/v1"]],
      ["glm", ["http://b:8000/v1"]],
    ]);
    expect(findings.filter(({ severity }) => severity === "error").map(({ server, code }) => [server, code])).toEqual([
      ["dead", "SERVER_REFUSED"],
      ["slow", "SERVER_TIMEOUT"],
      ["typo", "CONFIG_INVALID"],
    ]);
  });

  test("none at all", async () => {
    expect(await discoverServers([])).toEqual({ servers: [], models: [], findings: [] });
  });

  test("an abort is thrown", async () => {
    await expect(
      discoverServers([{ baseUrl: "http://a", fetch: vllm("x"), signal: AbortSignal.abort() }]),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("resolveProviders", () => {
  const explicit = (baseUrl: string) => ({ baseUrl, apiKey: "sk", models: [] });

  test("vllm first, then each vllm-<name> of the config", async () => {
    const config = {
      models: {
        providers: {
          "vllm-big": explicit("http://big:8000/v1"),
          openai: explicit("http://o"),
          "vllm-small": { baseUrl: 7 },
          vllm: explicit("http://main:8000/v1"),
        },
      },
    };
    const resolved = await resolveProviders({ config, env: {}, fetch: down });
    expect(resolved.map(({ providerId, source }) => [providerId, source])).toEqual([
      ["vllm", "explicit"],
      ["vllm-big", "explicit"],
      ["vllm-small", "unavailable"],
    ]);
  });

  test("vllm is discovered beside explicit further servers", async () => {
    const config = { models: { providers: { "vllm-big": explicit("http://big:8000/v1") } } };
    const resolved = await resolveProviders({ config, env: { VLLM_API_KEY: "k" }, fetch: vllm("found") });
    expect(resolved.map(({ providerId, source }) => [providerId, source])).toEqual([
      ["vllm", "discovered"],
      ["vllm-big", "explicit"],
    ]);
  });

  test("without anything: off, with the reason", async () => {
    expect(await resolveProviders({ env: {} })).toMatchObject([{ providerId: "vllm", source: "off" }]);
  });
});
