import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelEntryInput } from "../index.ts";
import { applyModelDefaults, parseHostConfig } from "../index.ts";

function completed(entry: ModelEntryInput) {
  const config = applyModelDefaults({ models: { providers: { vllm: { baseUrl: "x", models: [entry] } } } });
  return config.models?.providers?.["vllm"]?.models[0];
}

describe("applyModelDefaults", () => {
  test("completes an entry of id and name", () => {
    expect(completed({ id: "a", name: "A" })).toEqual({
      id: "a",
      name: "A",
      reasoning: false,
      input: ["text"],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 200_000,
      maxTokens: 8192,
    });
  });

  test.each<[string, Partial<ModelEntryInput>, Record<string, unknown>]>([
    [
      "what is written stays",
      { reasoning: true, input: ["text", "image"], contextWindow: 32768, maxTokens: 1000 },
      { reasoning: true, input: ["text", "image"], contextWindow: 32768, maxTokens: 1000 },
    ],
    ["an empty list of inputs stays", { input: [] }, { input: [] }],
    ["missing costs are 0", { cost: { output: 3 } }, { cost: { input: 0, output: 3, cacheRead: 0, cacheWrite: 0 } }],
    ["the limit of a small window", { contextWindow: 4096 }, { contextWindow: 4096, maxTokens: 4096 }],
    ["a limit above the window is cut", { contextWindow: 4096, maxTokens: 9000 }, { maxTokens: 4096 }],
    ["a limit above the default window is cut", { maxTokens: 300_000 }, { contextWindow: 200_000, maxTokens: 200_000 }],
    [
      "api, headers and compat get no defaults",
      { headers: { a: "b" }, compat: { supportsStore: false } },
      { headers: { a: "b" }, compat: { supportsStore: false }, api: undefined },
    ],
  ])("%s", (_, entry, expected) => {
    const result = completed({ id: "a", name: "A", ...entry }) as Record<string, unknown>;
    for (const [key, value] of Object.entries(expected)) expect([key, result[key]]).toEqual([key, value]);
  });

  test("the rest of the config stays, and the given config is not changed", () => {
    const config = parseHostConfig(
      `{ gateway: { port: 1 }, models: { mode: "replace", providers: { a: { baseUrl: "x", apiKey: "K", models: [{ id: "m", name: "m" }] }, b: { baseUrl: "y", models: [] } } } }`,
    );
    const before = structuredClone(config);
    const result = applyModelDefaults(config);
    expect(config).toEqual(before);
    expect(result).toMatchObject({
      gateway: { port: 1 },
      models: { mode: "replace", providers: { a: { apiKey: "K" }, b: { baseUrl: "y", models: [] } } },
    });
  });

  test("configs without models stay without", () => {
    expect(applyModelDefaults({})).toEqual({});
    expect(applyModelDefaults({ models: { mode: "merge" } })).toEqual({ models: { mode: "merge" } });
  });

  test("doing it twice changes nothing more, and the limit never exceeds the window", () => {
    const entry = fc.record(
      {
        id: fc.string({ minLength: 1 }),
        name: fc.string({ minLength: 1 }),
        contextWindow: fc.integer({ min: 1, max: 2_000_000 }),
        maxTokens: fc.integer({ min: 1, max: 2_000_000 }),
        reasoning: fc.boolean(),
      },
      { requiredKeys: ["id", "name"] },
    );
    fc.assert(
      fc.property(fc.array(entry), (models) => {
        const once = applyModelDefaults({ models: { providers: { vllm: { baseUrl: "x", models } } } });
        expect(applyModelDefaults(once)).toEqual(once);
        for (const model of once.models?.providers?.["vllm"]?.models ?? [])
          expect(model.maxTokens).toBeLessThanOrEqual(model.contextWindow);
      }),
    );
  });
});
