import { expect, test } from "vitest";
import { DEFAULTS, modelEntrySchema, normalizeBaseUrl, providerConfigSchema } from "../index.ts";

test("the agent's values, which its own onboarding writes too", () => {
  expect(DEFAULTS).toEqual({
    providerId: "vllm",
    baseUrl: "http://127.0.0.1:8000/v1",
    api: "openai-completions",
    apiKeyVariable: "VLLM_API_KEY",
    baseUrlVariable: "VLLM_BASE_URL",
    contextWindow: 128_000,
    maxTokens: 8192,
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    input: ["text"],
    reasoning: false,
  });
});

test("a provider and an entry made of them are what the agent accepts", () => {
  const { baseUrl, api, apiKeyVariable, contextWindow, maxTokens, cost, input, reasoning } = DEFAULTS;
  const entry = { id: "a", name: "a", contextWindow, maxTokens, cost, input: [...input], reasoning };
  expect(modelEntrySchema.parse(entry)).toEqual(entry);
  expect(providerConfigSchema.safeParse({ baseUrl, api, apiKey: apiKeyVariable, models: [entry] }).success).toBe(true);
  expect(normalizeBaseUrl(baseUrl).apiRoot).toBe(baseUrl);
});
