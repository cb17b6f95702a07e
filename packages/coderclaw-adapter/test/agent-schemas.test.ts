import { modelEntrySchema, parseHostConfig, providerConfigSchema } from "@vllm/schema";
import { applyModelDefaults } from "@vllm/schema";
import * as fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { checkConfig } from "../src/agent-config/check-config.ts";
import { verifies } from "@vllm-tooling/contract";
import { coderClawConfig, coderClawProvider } from "@vllm-tooling/agent-homes";

const accepts = (config: object): boolean => {
  try {
    parseHostConfig(JSON.stringify(config), { env: {} });
    return true;
  } catch {
    return false;
  }
};

const model = { id: "a", name: "A" };
const provider = { baseUrl: "http://h/v1", models: [model] };
const withProvider = (more: object): object => ({ models: { providers: { vllm: { ...provider, ...more } } } });
const withModel = (more: object): object => withProvider({ models: [{ ...model, ...more }] });

type Case = readonly [name: string, config: object, isAccepted: boolean];

/** Two readings of one schema, by two people: they must agree on every case. */
function agree([, config, expected]: Case): void {
  expect(coderClawConfig.safeParse(config).success).toBe(expected);
  expect(accepts(config)).toBe(expected);
}

describe("CoderClaw's schema, our frozen copy and @vllm/schema agree", () => {
  verifies.each<Case>(
    "agent/coderclaw/config-keys",
    [
      [
        "a model with every key",
        withModel({
          api: "openai-completions",
          reasoning: true,
          input: ["text", "image"],
          cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
          contextWindow: 4096.5,
          maxTokens: 1,
          headers: { a: "b" },
          compat: {
            supportsStore: false,
            supportsDeveloperRole: false,
            supportsReasoningEffort: false,
            supportsUsageInStreaming: true,
            supportsStrictMode: false,
            requiresToolResultName: false,
            requiresAssistantAfterToolResult: false,
            requiresThinkingAsText: false,
            requiresMistralToolIds: false,
            maxTokensField: "max_tokens",
            thinkingFormat: "qwen",
          },
        }),
        true,
      ],
      [
        "a provider with every key",
        withProvider({ apiKey: "k", auth: "token", api: "openai-completions", headers: { a: "b" }, authHeader: true }),
        true,
      ],
      ["a cost with one number", withModel({ cost: { input: 0 } }), true],
      ["an unknown key of a model", withModel({ contextTokens: 1 }), false],
      ["an unknown key of compat", withModel({ compat: { openRouterRouting: {} } }), false],
      ["a thinkingFormat of another agent", withModel({ compat: { thinkingFormat: "qwen-chat-template" } }), false],
      ["an unknown key of a provider", withProvider({ timeoutSeconds: 5 }), false],
      ["an unknown key of models", { models: { vllmDiscovery: true } }, false],
    ],
    agree,
  );

  verifies.each<Case>(
    "agent/coderclaw/config-required-fields",
    [
      ["no models", { models: { providers: { vllm: { baseUrl: "x" } } } }, false],
      ["an empty list of models", withProvider({ models: [] }), true],
      ["no address", { models: { providers: { vllm: { models: [] } } } }, false],
      ["an empty address", withProvider({ baseUrl: "" }), false],
      ["an empty id", withModel({ id: "" }), false],
      ["an empty name", withModel({ name: "" }), false],
      ["a window of zero", withModel({ contextWindow: 0 }), false],
      ["a negative limit", withModel({ maxTokens: -1 }), false],
    ],
    agree,
  );

  verifies.each<Case>(
    "agent/coderclaw/config-api-names",
    [
      ["api llama", withProvider({ api: "llama" }), false],
      ["api vllm", withProvider({ api: "vllm" }), false],
      ...[
        "openai-completions",
        "openai-responses",
        "anthropic-messages",
        "google-generative-ai",
        "github-copilot",
        "bedrock-converse-stream",
        "ollama",
        "transformers",
      ].map((api): Case => [`api ${api}`, withProvider({ api }), true]),
      ["auth api-key of a provider", withProvider({ auth: "api-key" }), true],
      ["auth api_key of a provider", withProvider({ auth: "api_key" }), false],
      [
        "mode api_key of a profile",
        { auth: { profiles: { "vllm:default": { provider: "vllm", mode: "api_key" } } } },
        true,
      ],
      [
        "mode api-key of a profile",
        { auth: { profiles: { "vllm:default": { provider: "vllm", mode: "api-key" } } } },
        false,
      ],
    ],
    agree,
  );

  verifies.each<Case>(
    "agent/coderclaw/config-default-model",
    [
      ["a default model as text", { agents: { defaults: { model: "vllm/a" } } }, false],
      ["a default model as object", { agents: { defaults: { model: { primary: "vllm/a", fallbacks: [] } } } }, true],
      [
        "alias, params and streaming",
        { agents: { defaults: { models: { "vllm/a": { alias: "a", params: { x: 1 }, streaming: true } } } } },
        true,
      ],
      [
        "anything else of a listed model",
        { agents: { defaults: { models: { "vllm/a": { contextWindow: 1 } } } } },
        false,
      ],
    ],
    agree,
  );

  verifies("agent/coderclaw/config-keys", "an unknown key is named with its parent's path", () => {
    const check = (config: object): void =>
      checkConfig("coderclaw", { text: JSON.stringify(config), value: config as never, path: "c.json" }, {});
    expect(() => check(withModel({ compat: { future: 1 } }))).toThrow("models.providers.vllm.models[0].compat.future");
    expect(() => check(withProvider({ timeout: 1 }))).toThrow("models.providers.vllm.timeout");
  });

  test("on any provider", () => {
    const text = fc.constantFrom("", "a", "openai-completions", "vllm", "api-key");
    const anything = fc.oneof(
      text,
      fc.integer({ min: -1, max: 5 }),
      fc.boolean(),
      fc.constant(null),
      fc.constant([]),
      fc.constant({}),
    );
    const models = fc.array(
      fc.record(
        {
          id: anything,
          name: anything,
          contextWindow: anything,
          reasoning: anything,
          compat: anything,
          extra: anything,
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    );
    const providers = fc.record(
      {
        baseUrl: anything,
        apiKey: anything,
        api: anything,
        auth: anything,
        headers: anything,
        models: fc.oneof(anything, models),
        extra: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(providers, (candidate) => {
        expect(providerConfigSchema.safeParse(candidate).success).toBe(coderClawProvider.safeParse(candidate).success);
      }),
      { numRuns: 1000 },
    );
  });
});

verifies(
  ["agent/coderclaw/config-defaults", "agent/coderclaw/entries-complete"],
  "our schema accepts what CoderClaw fills in",
  () => {
    const [filled] =
      applyModelDefaults({ models: { providers: { vllm: { baseUrl: "x", models: [model] } } } }).models?.providers?.[
        "vllm"
      ]?.models ?? [];
    expect(filled).toMatchObject({
      reasoning: false,
      input: ["text"],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 200_000,
      maxTokens: 8192,
    });
    const small = { ...model, contextWindow: 4096, maxTokens: 8192 };
    const [cut] =
      applyModelDefaults({ models: { providers: { vllm: { baseUrl: "x", models: [small] } } } }).models?.providers?.[
        "vllm"
      ]?.models ?? [];
    expect(cut?.maxTokens).toBe(4096);
    expect(modelEntrySchema.safeParse(filled).success).toBe(true);
  },
);

verifies("agent/coderclaw/config-json5", "with everything in it, judged the same", () => {
  const text = `{ // c\n models: { providers: { 'vllm': { baseUrl: "x", models: [ { id: 'a', name: "A", }, ], }, }, }, }`;
  expect(() => checkConfig("coderclaw", { text, value: JSON5.parse(text), path: "c.json" }, {})).not.toThrow();
});

test("a variable that nobody sets refuses no edit: the gateway may have it", () => {
  const value = { models: { providers: { vllm: { baseUrl: "${URL}", models: [] } } }, env: { shellEnv: {} } };
  expect(() => checkConfig("coderclaw", { text: JSON.stringify(value), value, path: "c.json" }, {})).not.toThrow();
});
