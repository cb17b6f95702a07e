import { describe, expect, test } from "vitest";
import { answer, NOT_FOUND, outcomeOf, refused, TIMEOUT } from "../../test/outcomes.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { classifyServer, readVersion } from "./classify-server.ts";
import type { QuestionName } from "./snapshot.ts";
import { createSnapshot } from "./snapshot.ts";

type Outcomes = Partial<Record<QuestionName, ProbeOutcome>>;

const NGINX_502 = outcomeOf("routers/nginx-default/all-down-models");
const list = (card: Record<string, unknown>) => answer(200, { object: "list", data: [card] });

// Recorded bytes where an id stands; the others are recorded by hand from the named program or taken from its source.
const TABLE: readonly [name: string, outcomes: Outcomes, kind: string, state: string][] = [
  [
    "vLLM 0.32.0",
    {
      models: outcomeOf("0.32.0/tools-hermes/models"),
      version: outcomeOf("0.32.0/hermes-qwen3/version"),
      health: outcomeOf("0.32.0/hermes-qwen3/health"),
    },
    "vllm",
    "ready",
  ],
  [
    "vLLM 0.24.0",
    { models: outcomeOf("0.24.0/small/models"), version: outcomeOf("0.24.0/small/version") },
    "vllm",
    "ready",
  ],
  [
    "vLLM 0.10.2",
    { models: outcomeOf("0.10.2/small/models"), health: outcomeOf("0.10.2/small/health") },
    "vllm",
    "ready",
  ],
  [
    "vLLM with a key, none sent",
    { models: outcomeOf("0.32.0/api-key/models-no-key"), version: outcomeOf("0.32.0/api-key/version-no-key") },
    "vllm",
    "locked",
  ],
  [
    "vLLM with a key, no /version",
    { models: outcomeOf("0.32.0/api-key/models-no-key"), metrics: outcomeOf("0.32.0/api-key/metrics-no-key") },
    "vllm",
    "locked",
  ],
  [
    "vLLM 0.10.2 with a key, the wrong one",
    {
      models: outcomeOf("0.10.2/api-key-no-tool-parser/models-wrong-key"),
      version: outcomeOf("0.10.2/api-key-no-tool-parser/version-no-key"),
    },
    "vllm",
    "locked",
  ],
  [
    "vLLM whose engine died",
    { models: outcomeOf("0.32.0/hermes-qwen3/after-kill-models"), health: answer(503, "") },
    "vllm",
    "unhealthy",
  ],
  [
    "vLLM some seconds later",
    {
      models: outcomeOf("0.32.0/killed-api/after-kill-api-models"),
      health: outcomeOf("0.32.0/hermes-qwen3/after-kill-health-5s"),
    },
    "nothing",
    "unreachable",
  ],
  [
    "vLLM asleep looks ready",
    { models: outcomeOf("0.32.0/sleep/models-asleep"), health: outcomeOf("0.32.0/sleep/health-asleep") },
    "vllm",
    "ready",
  ],
  [
    "vLLM behind nginx",
    {
      models: outcomeOf("routers/nginx-default/models"),
      version: outcomeOf("routers/nginx-default/get_version"),
      health: outcomeOf("routers/nginx-default/get_health"),
    },
    "vllm",
    "ready",
  ],
  [
    "nginx with all servers down",
    { models: NGINX_502, version: NGINX_502, metrics: NGINX_502 },
    "other-http",
    "unhealthy",
  ],
  [
    "vllm-router",
    {
      models: outcomeOf("routers/vllm-router/models"),
      version: outcomeOf("routers/vllm-router/get_version"),
      health: outcomeOf("routers/vllm-router/get_health"),
      readiness: outcomeOf("routers/vllm-router/get_readiness"),
    },
    "vllm-router",
    "ready",
  ],
  [
    "vllm-router with one server down",
    {
      models: outcomeOf("routers/vllm-router/one-down-models"),
      health: answer(503, 'Unhealthy servers: ["http://127.0.0.1:8141"]'),
      readiness: outcomeOf("routers/vllm-router/one-down-readiness"),
    },
    "vllm-router",
    "ready",
  ],
  [
    "vllm-router with all down",
    {
      models: outcomeOf("routers/vllm-router/all-down-models"),
      health: outcomeOf("routers/vllm-router/all-down-health"),
    },
    "vllm-router",
    "unhealthy",
  ],
  [
    "vllm-router that knows all are down",
    {
      models: outcomeOf("routers/vllm-router/models"),
      health: answer(503, 'Unhealthy servers: ["http://a"]'),
      readiness: answer(503, { status: "not_ready" }),
    },
    "vllm-router",
    "unhealthy",
  ],
  [
    "production-stack (source of August 2026)",
    {
      models: list({ id: "tiny", object: "model", created: 1, owned_by: "vllm", root: null, parent: null }),
      version: answer(200, { version: "0.1.9" }),
      health: answer(200, { status: "healthy" }),
    },
    "production-stack",
    "ready",
  ],
  [
    "production-stack with all servers down",
    {
      models: answer(200, { object: "list", data: [] }),
      version: answer(200, { version: "0.1.9" }),
      health: answer(200, { status: "healthy" }),
    },
    "production-stack",
    "ready",
  ],
  // Recorded from LiteLLM 1.106.2 in front of vLLM 0.32.0.
  [
    "LiteLLM",
    {
      models: answer(
        200,
        '{"data":[{"id":"tiny","object":"model","created":1677610602,"owned_by":"openai","max_input_tokens":32768,"max_output_tokens":32768}],"object":"list"}',
      ),
      version: NOT_FOUND,
      metrics: NOT_FOUND,
      liveliness: answer(200, `"I'm alive!"`),
    },
    "litellm",
    "ready",
  ],
  [
    "LiteLLM without a key",
    {
      models: answer(
        401,
        '{"error":{"message":"Authentication Error, No api key passed in.","type":"auth_error","param":"None","code":"401"}}',
      ),
      version: NOT_FOUND,
    },
    "litellm",
    "locked",
  ],
  [
    "LiteLLM that cannot ask its servers",
    { models: list({ id: "tiny", owned_by: "openai" }), liveliness: answer(200, `"I'm alive!"`) },
    "litellm",
    "ready",
  ],
  [
    "Ray Serve LLM",
    {
      models: list({ id: "tiny", owned_by: "organization-owner", metadata: { max_request_context_length: 4096 } }),
      healthz: answer(200, "success"),
    },
    "ray-serve",
    "ready",
  ],
  [
    "Ray Serve whose replicas are gone",
    {
      models: list({ id: "tiny", owned_by: "organization-owner", metadata: { max_request_context_length: 4096 } }),
      healthz: answer(503, "This node is being drained."),
    },
    "ray-serve",
    "unhealthy",
  ],
  [
    "LiteLLM that says it is not alive",
    { models: list({ id: "tiny", max_input_tokens: 4096 }), liveliness: answer(503, "") },
    "litellm",
    "unhealthy",
  ],
  [
    "LiteLLM without a database, and a key that is not its own",
    {
      models: answer(
        400,
        '{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}',
      ),
      version: NOT_FOUND,
    },
    "litellm",
    "locked",
  ],
  // The marks below are in the sources of the programs.
  [
    "SGLang",
    { models: list({ id: "m", owned_by: "sglang", root: "m", max_model_len: 32768 }), version: NOT_FOUND },
    "sglang",
    "ready",
  ],
  [
    "SGLang with a key",
    { models: answer(401, { error: "Unauthorized" }), metrics: answer(200, "# HELP\nsglang:num_running_reqs 0\n") },
    "sglang",
    "locked",
  ],
  [
    "llama.cpp",
    {
      models: answer(
        200,
        { models: [], object: "list", data: [{ id: "m.gguf", owned_by: "llamacpp", meta: { n_ctx: 4096 } }] },
        { server: "llama.cpp" },
      ),
    },
    "llama.cpp",
    "ready",
  ],
  [
    "llama.cpp while it loads",
    {
      models: answer(
        503,
        { error: { message: "Loading model", type: "unavailable_error", code: 503 } },
        { server: "llama.cpp" },
      ),
    },
    "llama.cpp",
    "starting",
  ],
  [
    "Ollama",
    {
      models: list({ id: "llama3:latest", owned_by: "library" }),
      version: answer(404, "404 page not found"),
      front: answer(200, "Ollama is running"),
    },
    "ollama",
    "ready",
  ],
  [
    "Ollama without /",
    { models: list({ id: "llama3:latest", owned_by: "library" }), version: answer(404, "404 page not found") },
    "ollama",
    "ready",
  ],
  [
    "LM Studio",
    {
      models: list({ id: "qwen3", owned_by: "organization_owner" }),
      version: answer(200, { error: "Unexpected endpoint or method. (GET /version)" }),
    },
    "lm-studio",
    "ready",
  ],
  [
    "another OpenAI-compatible server",
    { models: list({ id: "m", owned_by: "me" }), version: NOT_FOUND },
    "openai-compatible",
    "ready",
  ],
  [
    "one that wants a key",
    { models: answer(401, { error: { message: "Incorrect API key provided" } }), version: NOT_FOUND },
    "locked",
    "locked",
  ],
  ["a gateway that forbids", { models: answer(403, "Forbidden") }, "locked", "locked"],
  [
    "a web site",
    { models: answer(200, "<!doctype html><html><body>Welcome</body></html>") },
    "web-page",
    "wrong-server",
  ],
  [
    "a web site with its own 404",
    { models: answer(404, "nope"), front: answer(200, "<html><h1>Hi</h1></html>") },
    "web-page",
    "wrong-server",
  ],
  [
    "a login page",
    { models: answer(200, '<html><form><input type="password"></form></html>') },
    "login-page",
    "wrong-server",
  ],
  [
    "a redirect to a login",
    { models: { kind: "redirect", status: 302, location: "https://sso.example/login", isHome: false, ms: 1 } },
    "login-page",
    "wrong-server",
  ],
  [
    "redirects in circles",
    { models: { kind: "redirect", status: 302, location: "http://127.0.0.1:8000/v1/models", isHome: true, ms: 1 } },
    "other-http",
    "wrong-server",
  ],
  ["a gateway that is full", { models: answer(429, "slow down") }, "other-http", "unhealthy"],
  ["a server without the route", { models: NOT_FOUND, version: NOT_FOUND }, "other-http", "wrong-server"],
  ["JSON that is no list", { models: answer(200, { models: [] }) }, "other-http", "wrong-server"],
  ["null", { models: answer(200, "null") }, "other-http", "wrong-server"],
  [
    "a list that is cut",
    { models: { ...answer(200, '{"data":[{"id":"a"}'), isTruncated: true } },
    "other-http",
    "wrong-server",
  ],
  ["nothing listens", { models: refused(), version: refused() }, "nothing", "unreachable"],
  ["no answer in time", { models: TIMEOUT, version: TIMEOUT }, "nothing", "unreachable"],
  [
    "a vLLM whose model list hangs",
    {
      models: TIMEOUT,
      version: outcomeOf("0.32.0/hermes-qwen3/version"),
      metrics: outcomeOf("0.32.0/api-key/metrics-no-key"),
    },
    "vllm",
    "unhealthy",
  ],
];

describe("classifyServer", () => {
  test.each(TABLE)("%s", (_name, outcomes, kind, state) => {
    const verdict = classifyServer(createSnapshot(outcomes));
    expect(verdict).toMatchObject({ kind, state, healthy: state === "ready" });
    expect(verdict.evidence).not.toBe("");
  });

  test("a model's name is no mark", () => {
    const models = list({ id: "vllm/sglang/ollama", owned_by: "someone" });
    expect(classifyServer(createSnapshot({ models })).kind).toBe("openai-compatible");
  });
});

describe("readVersion", () => {
  test.each([
    [outcomeOf("0.32.0/hermes-qwen3/version"), "0.32.0"],
    [outcomeOf("0.9.2/old/version"), "0.9.2"],
    [answer(200, { version: "0.33.0rc1.dev12+g1234567" }), "0.33.0rc1.dev12+g1234567"],
    [answer(200, { version: "\u001b[31m" }), undefined],
    [answer(200, { version: 3 }), undefined],
    [answer(200, "null"), undefined],
    [answer(404, { version: "1" }), undefined],
    [refused(), undefined],
  ])("%# → %s", (outcome, version) => {
    expect(readVersion(outcome)).toBe(version);
  });
});
