import { describe, expect, test } from "vitest";
import { nearest } from "../core.ts";

describe("nearest", () => {
  const served = ["Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "meta-llama/Llama-3.1-8B-Instruct", "sql-lora"];

  test.each<[string, string | undefined]>([
    ["qwen3-8b", "Qwen/Qwen3-8B"],
    ["Qwen3-32b", "Qwen/Qwen3-32B"],
    ["qwen/qwen3-8b", "Qwen/Qwen3-8B"],
    ["unsloth/Qwen3-8B", "Qwen/Qwen3-8B"],
    ["Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct"],
    ["sql_lora", "sql-lora"],
    ["gpt-4o", undefined],
    ["", undefined],
  ])("%j: %j", (asked, expected) => {
    expect(nearest(asked, served)).toBe(expected);
  });

  test("the whole id comes before one of another organisation", () => {
    expect(nearest("a/model", ["b/model", "a/model"])).toBe("a/model");
  });

  test("no candidates, no suggestion", () => {
    expect(nearest("x", [])).toBeUndefined();
  });

  test("the distance can be narrowed", () => {
    expect(nearest("vllmDiscovery", ["bedrockDiscovery"])).toBe("bedrockDiscovery");
    expect(nearest("vllmDiscovery", ["bedrockDiscovery"], 0.4)).toBeUndefined();
  });
});
