import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatModelRef,
  isVllmProviderId,
  normalizeProviderId,
  parseModelRef,
  safeParseModelRef,
  VllmError,
} from "../core.ts";

describe("parseModelRef splits at the first slash, as the agent does", () => {
  test.each<[string, string, string]>([
    ["vllm/meta-llama/Llama-3.1-8B-Instruct", "vllm", "meta-llama/Llama-3.1-8B-Instruct"],
    ["VLLM/Meta/X", "vllm", "Meta/X"],
    ["vllm//data/m", "vllm", "/data/m"],
    ["a/b", "a", "b"],
    ["  vllm / Qwen/Qwen3-8B  ", "vllm", "Qwen/Qwen3-8B"],
    ["vllm-box2/tiny", "vllm-box2", "tiny"],
    ["vllm/lora+a@b c", "vllm", "lora+a@b c"],
    ["vllm/models/", "vllm", "models/"],
    // The agent's own names for its providers. A bare Hugging Face id is read so too: Qwen/... is not a model of vLLM.
    ["z.ai/glm", "zai", "glm"],
    ["Z-AI/glm", "zai", "glm"],
    ["opencode-zen/x", "opencode", "x"],
    ["Qwen/Qwen3-8B", "qwen-portal", "Qwen3-8B"],
    ["kimi-code/k2", "kimi-coding", "k2"],
    ["__proto__/x", "__proto__", "x"],
    ["constructor/x", "constructor", "x"],
  ])("%j", (text, provider, modelId) => {
    expect(parseModelRef(text)).toEqual({ provider, modelId });
    expect(safeParseModelRef(text)).toEqual({ provider, modelId });
  });

  test.each(["", "  ", "tiny", "Qwen3-8B", "/", "/x", " /x", "vllm/", "vllm/  ", "//"])("%j is no ref", (text) => {
    expect(safeParseModelRef(text)).toBeUndefined();
    expect(() => parseModelRef(text)).toThrow(VllmError);
  });

  test.each([
    ["Qwen3-8B", `The model reference "Qwen3-8B" does not name a provider and a model.`, `Write "vllm/Qwen3-8B".`],
    ["vllm/", `The model reference "vllm/" does not name a provider and a model.`, `Write "vllm/<model-id>".`],
    ["", "The model reference is empty.", `Write "vllm/<model-id>".`],
  ])("what is said of %j", (text, message, fix) => {
    let thrown: unknown;
    try {
      parseModelRef(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "CONFIG_INVALID",
      message,
      hint: `Write it as "provider/model-id", for example "vllm/Qwen/Qwen3-8B".`,
      issues: [{ accepted: `"provider/model-id", split at the first slash`, fix }],
    });
  });

  test("every id of a server survives the way to a ref and back", () => {
    const id = fc.string({ minLength: 1 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(id, (modelId) => {
        expect(parseModelRef(formatModelRef({ provider: "vllm", modelId }))).toEqual({ provider: "vllm", modelId });
      }),
    );
  });
});

describe("normalizeProviderId", () => {
  test.each([
    [" vLLM ", "vllm"],
    ["qwen", "qwen-portal"],
    ["QWEN", "qwen-portal"],
    ["qwen-portal", "qwen-portal"],
    ["vllm-qwen", "vllm-qwen"],
  ])("%j is %j", (text, id) => {
    expect(normalizeProviderId(text)).toBe(id);
  });
});

test.each([
  ["vllm", true],
  ["vllm-gpu1", true],
  ["vllm-a.b_c", true],
  ["vllm-", false],
  ["vllm-GPU", false],
  ["vLLM", false],
  ["vllm2", false],
  ["openai", false],
])("%s is one of our provider ids: %s", (id, isOurs) => {
  expect(isVllmProviderId(id)).toBe(isOurs);
});
