import { expect, test } from "vitest";
import { resolveKey } from "./resolve-key.ts";

// The agent's table: coderclaw, model-auth.ts.
test.each([
  ["VLLM_API_KEY", "vllm", { VLLM_API_KEY: "E" }, { apiKey: "E", source: "VLLM_API_KEY" }],
  ["literal", "vllm", { VLLM_API_KEY: "E" }, { apiKey: "E", source: "VLLM_API_KEY" }],
  ["literal", "vllm", {}, { apiKey: "literal", source: "models.providers.vllm.apiKey" }],
  ["literal", "vllm", { VLLM_API_KEY: " \r\n" }, { apiKey: "literal", source: "models.providers.vllm.apiKey" }],
  ["literal", "vllm-big", { VLLM_API_KEY: "E" }, { apiKey: "literal", source: "models.providers.vllm-big.apiKey" }],
  ["VLLM_API_KEY", "vllm-big", { VLLM_API_KEY: "E" }, { apiKey: "E", source: "VLLM_API_KEY" }],
  ["VLLM_API_KEY", "vllm", {}, { source: "none" }],
  [undefined, "vllm-big", { VLLM_API_KEY: "E" }, { source: "none" }],
  [undefined, "vllm", { VLLM_API_KEY: "E\n" }, { apiKey: "E", source: "VLLM_API_KEY" }],
  ["  ", "vllm", {}, { source: "none" }],
])("apiKey %j of %s with %j: %j", (setting, providerId, env, resolved) => {
  expect(resolveKey(setting, providerId, { env })).toEqual(resolved);
});

test("the agent's auth profile comes after VLLM_API_KEY and before the config, for vllm alone", () => {
  const profileKey = "from-profile";
  expect(resolveKey("own", "vllm", { env: { VLLM_API_KEY: "k" }, profileKey })).toEqual({
    apiKey: "k",
    source: "VLLM_API_KEY",
  });
  expect(resolveKey("own", "vllm", { env: {}, profileKey })).toEqual({
    apiKey: profileKey,
    source: "the agent's auth profile",
  });
  expect(resolveKey("own", "vllm-big", { env: {}, profileKey }).apiKey).toBe("own");
});
