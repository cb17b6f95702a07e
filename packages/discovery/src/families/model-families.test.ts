import { describe, expect, test } from "vitest";
import parsers from "../../test/parsers-0.32.0.json" with { type: "json" };
import { guessFamily, MODEL_FAMILIES } from "./model-families.ts";
import { suggestReasoningParser } from "./suggest-reasoning-parser.ts";
import { THOUGHT_MARKERS } from "./thought-markers.ts";
import { TOOL_FORMATS } from "./tool-formats.ts";

describe("parser names are those of vLLM 0.32.0", () => {
  test.each(MODEL_FAMILIES.map((family) => [family.name, family] as const))("family %s", (_name, family) => {
    if (family.toolParser !== undefined) expect(parsers.toolParsers).toContain(family.toolParser);
    if (family.reasoningParser !== undefined) expect(parsers.reasoningParsers).toContain(family.reasoningParser);
    expect(family.toolParser ?? family.reasoningParser).toBeDefined();
  });

  test.each(TOOL_FORMATS.map((format) => [format.parsers[0], format] as const))("tool format %s", (_name, format) => {
    expect(parsers.toolParsers).toEqual(expect.arrayContaining([...format.parsers]));
  });

  test.each(THOUGHT_MARKERS.map((marker) => [marker.start, marker] as const))("thought %s", (_start, marker) => {
    expect(parsers.reasoningParsers).toEqual(expect.arrayContaining([...marker.parsers]));
  });

  test("every tool parser but xlam and hf, whose texts are not their own, has a format", () => {
    const read = new Set(TOOL_FORMATS.flatMap((format) => format.parsers));
    // hunyuan_a13b reads jamba's text inside <answer>.
    expect(parsers.toolParsers.filter((name) => !read.has(name))).toEqual(["hf", "hunyuan_a13b", "xlam"]);
  });

  test("every suggested reasoning parser exists", () => {
    const thought = THOUGHT_MARKERS.find((marker) => marker.start === "<think>");
    for (const toolFormat of TOOL_FORMATS) {
      for (const isOpened of [true, false]) {
        const suggested = suggestReasoningParser({
          marker: thought,
          toolFormat,
          thinking: undefined,
          isOpened,
          keepReasoningKwargs: undefined,
        });
        if (suggested !== undefined) expect(parsers.reasoningParsers).toContain(suggested.parser);
      }
    }
  });
});

describe("guessFamily", () => {
  test.each([
    ["Qwen/Qwen3-8B", "Qwen3"],
    ["Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen3 Instruct 2507"],
    ["Qwen/Qwen3-Coder-480B-A35B-Instruct", "Qwen3-Coder"],
    ["Qwen/Qwen3-Next-80B-A3B-Instruct", "Qwen3-Next Instruct"],
    ["Qwen/Qwen3.6-35B-A3B", "Qwen3.5 and later"],
    ["Qwen/QwQ-32B", "QwQ"],
    ["deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "DeepSeek R1 distills"],
    ["deepseek-ai/DeepSeek-R1-0528", "DeepSeek R1"],
    ["deepseek-ai/DeepSeek-V3.2-Exp", "DeepSeek V3.2"],
    ["deepseek-ai/DeepSeek-V3-0324", "DeepSeek V3"],
    ["moonshotai/Kimi-K2.6", "Kimi K2 thinking, K2.5 and later"],
    ["moonshotai/Kimi-K2-Instruct", "Kimi K2"],
    ["zai-org/GLM-4.6-FP8", "GLM-4.5 and 4.6"],
    ["zai-org/GLM-5", "GLM-5 and 5.1"],
    ["zai-org/GLM-5.2", "GLM-4.7, 5.2"],
    ["openai/gpt-oss-120b", "gpt-oss"],
    ["meta-llama/Llama-3.2-3B-Instruct", "Llama 3.2 1B, 3B"],
    ["meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama 3.1, 3.3"],
    ["mistralai/Devstral-Small-2507", "Mistral"],
    ["google/gemma-4-31B-it", "Gemma 4"],
    ["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "Nemotron 3"],
    ["NousResearch/Hermes-3-Llama-3.1-8B", "Hermes"],
    ["baidu/ERNIE-4.5-21B-A3B-Thinking", "ERNIE 4.5 Thinking, VL"],
    ["baidu/ERNIE-4.5-VL-28B-A3B-PT", "ERNIE 4.5 Thinking, VL"],
    ["baidu/ERNIE-4.5-300B-A47B-PT", "ERNIE 4.5"],
    ["LiquidAI/LFM2.5-8B-A1B", "LFM2.5 Thinking, 8B-A1B"],
    ["LiquidAI/LFM2-8B-A1B", "LFM2"],
    ["JetBrains/Mellum2-12B-Thinking", "Mellum2 Thinking"],
    ["CohereLabs/command-a-plus-05-2026", "Cohere Command A Plus"],
    ["CohereLabs/command-a-reasoning-08-2025", "Cohere Command A"],
    ["/data/models/Qwen3-8B/", "Qwen3"],
  ])("%s is %s", (name, family) => {
    expect(guessFamily(name)?.name).toBe(family);
  });

  test.each(["my-model", "", "/", "lab/tiny", "google/gemma-3-27b-it"])("%j suggests nothing", (name) => {
    expect(guessFamily(name)).toBeUndefined();
  });
});
