import { modelEntrySchema } from "@vllm/schema";
import { describe, expect, test } from "vitest";
import type { DiscoveredModel } from "../index.ts";
import { toModelEntries } from "../index.ts";
import { readModelList } from "./read-model-list.ts";
import { toDiscoveredModels } from "./to-discovered-models.ts";

function discovered(...cards: readonly Record<string, unknown>[]): DiscoveredModel[] {
  return toDiscoveredModels(readModelList({ data: cards })?.models ?? [], { version: "0.32.0" });
}

describe("toModelEntries", () => {
  test("fills every key, so that an agent invents nothing", () => {
    expect(toModelEntries(discovered({ id: "Qwen/Qwen3-8B", root: "Qwen/Qwen3-8B", max_model_len: 40960 }))).toEqual([
      {
        id: "Qwen/Qwen3-8B",
        name: "Qwen/Qwen3-8B",
        reasoning: false,
        input: ["text"],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: 40960,
        maxTokens: 8192,
      },
    ]);
  });

  test.each([
    [4096, false, 1024],
    [16_384, false, 4096],
    [32_768, false, 8192],
    [131_072, false, 8192],
    [32_768, true, 8192],
    [131_072, true, 16_384],
    [3, false, 1],
    [2, false, 1],
  ])("a window of %d (reasoning: %s) gives maxTokens %d", (max_model_len, reasoning, maxTokens) => {
    const [model] = discovered({ id: "m", max_model_len });
    const profile = {
      ...model!.profile,
      reasoning: { value: reasoning ? "yes" : "no", source: "probed", evidence: "" },
    } as const;
    expect(toModelEntries([profile])[0]).toMatchObject({ contextWindow: max_model_len, maxTokens, reasoning });
  });

  test("an unknown window is the agent's default, or the caller's", () => {
    expect(toModelEntries(discovered({ id: "m" }))[0]).toMatchObject({ contextWindow: 128_000, maxTokens: 8192 });
    expect(toModelEntries(discovered({ id: "m" }), { defaultContextWindow: 8000 })[0]).toMatchObject({
      contextWindow: 8000,
      maxTokens: 2000,
    });
  });

  test("each id comes once, in the order of the server", () => {
    expect(toModelEntries(["b", "a", "b", "__proto__"]).map((entry) => entry.id)).toEqual(["b", "a", "__proto__"]);
  });

  test("models that cannot chat are left out", () => {
    const [chat, embedding] = discovered({ id: "chat" }, { id: "embedding" });
    expect(toModelEntries([chat!, { ...embedding!, task: "embedding" }]).map((entry) => entry.id)).toEqual(["chat"]);
  });

  test("the user's values win, by id before pattern, by the longer pattern first", () => {
    const models = discovered({ id: "Qwen/Qwen3-8B", max_model_len: 40960 }, { id: "Qwen/Qwen3-4B" }, { id: "other" });
    const entries = toModelEntries(models, {
      overrides: {
        "Qwen/*": { contextWindow: 20_000, reasoning: true },
        "*": { name: "anything" },
        "Qwen/Qwen3-8B": {
          contextWindow: 30_000,
          maxTokens: 50_000,
          input: ["text", "image"],
          cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
        },
      },
    });
    expect(entries).toMatchObject([
      {
        id: "Qwen/Qwen3-8B",
        name: "Qwen/Qwen3-8B",
        contextWindow: 30_000,
        maxTokens: 30_000,
        input: ["text", "image"],
        reasoning: false,
        cost: { input: 1, output: 2 },
      },
      { id: "Qwen/Qwen3-4B", contextWindow: 20_000, reasoning: true, maxTokens: 5000 },
      { id: "other", name: "anything" },
    ]);
  });

  test("an override named like an Object's own key does not match by accident", () => {
    expect(toModelEntries(["constructor"], { overrides: {} })[0]).toMatchObject({
      id: "constructor",
      name: "constructor",
    });
  });

  test("compat only for the agent that knows it, and the agent's schema takes the entry", () => {
    const [plain] = toModelEntries(["m"]);
    expect(plain).not.toHaveProperty("compat");
    const [entry] = toModelEntries(discovered({ id: "m", max_model_len: 32768 }), { host: "coderclaw" });
    expect(entry?.compat).toEqual({
      supportsStore: false,
      supportsDeveloperRole: false,
      supportsStrictMode: false,
      supportsUsageInStreaming: true,
      maxTokensField: "max_tokens",
    });
    expect(modelEntrySchema.safeParse(entry).success).toBe(true);
  });
});
