import { describe, expect, test } from "vitest";
import type { HostConfig } from "../index.ts";
import { resolvePrimaryModel } from "../index.ts";

function withPrimary(primary: string | undefined, models?: Record<string, { alias?: string }>): HostConfig {
  return { agents: { defaults: { model: { primary }, models } } };
}

describe("resolvePrimaryModel", () => {
  const aliases = {
    "vllm/org/Model": { alias: "Fast" },
    "openai/gpt": { alias: "gpt" },
    nonsense: { alias: "broken" },
    "a/b": {},
  };

  test.each<[string, string | undefined, { provider: string; modelId: string } | undefined]>([
    ["a ref", "vllm/Qwen/Qwen3-8B", { provider: "vllm", modelId: "Qwen/Qwen3-8B" }],
    ["a ref with blanks and capitals", "  VLLM / org/Model ", { provider: "vllm", modelId: "org/Model" }],
    ["an alias", "Fast", { provider: "vllm", modelId: "org/Model" }],
    ["an alias in another case", "fAST ", { provider: "vllm", modelId: "org/Model" }],
    ["a name that is no alias is a model of anthropic", "claude-x", { provider: "anthropic", modelId: "claude-x" }],
    ["an alias of a key that is no ref", "broken", { provider: "anthropic", modelId: "broken" }],
    ["a text with a slash is never an alias", "gpt/", undefined],
    ["only a provider", "vllm/", undefined],
    ["blank", "  ", undefined],
    ["nothing", undefined, undefined],
  ])("%s", (_, primary, expected) => {
    expect(resolvePrimaryModel(withPrimary(primary, aliases))).toEqual(expected);
  });

  test("OpenClaw's short form", () => {
    expect(resolvePrimaryModel({ agents: { defaults: { model: " fast ", models: aliases } } })).toEqual({
      provider: "vllm",
      modelId: "org/Model",
    });
  });

  test("a config that nobody has checked", () => {
    const models = { "vllm/a": null, "vllm/b": { alias: 7 }, "vllm/c": "x", "vllm/d": { alias: " seven " } };
    for (const model of [null, 7, [], { primary: null }, { primary: 7 }])
      expect(resolvePrimaryModel({ agents: { defaults: { model, models } } })).toBeUndefined();
    expect(resolvePrimaryModel({ agents: { defaults: { model: "seven", models } } })).toMatchObject({ modelId: "d" });
    expect(resolvePrimaryModel({ agents: { defaults: { model: "7", models: null } } })).toEqual({
      provider: "anthropic",
      modelId: "7",
    });
  });

  test("configs that say nothing", () => {
    expect(resolvePrimaryModel({})).toBeUndefined();
    expect(resolvePrimaryModel({ agents: {} })).toBeUndefined();
    expect(resolvePrimaryModel({ agents: { defaults: {} } })).toBeUndefined();
    expect(resolvePrimaryModel(withPrimary("x"))).toEqual({ provider: "anthropic", modelId: "x" });
  });
});
