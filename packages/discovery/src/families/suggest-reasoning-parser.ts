import type { ThinkingControl } from "@vllm/schema/core";
import type { ThoughtMarker } from "./thought-markers.ts";
import type { ToolFormat } from "./tool-formats.ts";

/** Reasoning parsers of families whose thought is `<think>`, by the tool parser of the same family. Source: vLLM's recipes. */
const BY_TOOL_PARSER: Readonly<Record<string, string>> = {
  qwen3_coder: "qwen3",
  hermes: "qwen3",
  glm45: "glm45",
  glm47: "glm45",
  kimi_k2: "kimi_k2",
  deepseek_v3: "deepseek_r1",
  deepseek_v31: "deepseek_v3",
  deepseek_v32: "deepseek_v3",
  deepseek_v4: "deepseek_v4",
  deepseek_v41: "deepseek_v41",
  minimax_m2: "minimax_m2",
  lfm2: "qwen3",
  olmo3: "olmo3",
  dots: "qwen3",
};

/** The `--reasoning-parser` that fits what the template shows, and why; undefined when it shows no thought. */
export function suggestReasoningParser(shown: {
  marker: ThoughtMarker | undefined;
  toolFormat: ToolFormat | undefined;
  thinking: ThinkingControl | undefined;
  isOpened: boolean;
  keepReasoningKwargs: Readonly<Record<string, unknown>> | undefined;
}): { parser: string; why: string } | undefined {
  const { marker, toolFormat, thinking } = shown;
  if (toolFormat?.format === "gpt-oss") {
    return { parser: "openai_gptoss", why: "the template is gpt-oss's; vLLM sets this parser by itself" };
  }
  if (marker === undefined) return undefined;
  const tags = `the template marks thoughts by ${marker.start}`;
  const [only] = marker.parsers;
  if (marker.start !== "<think>") return only === undefined ? undefined : { parser: only, why: tags };
  const toolParser = toolFormat?.parsers[0];
  if (toolParser === "qwen3_coder" && shown.keepReasoningKwargs?.["truncate_history_thinking"] !== undefined) {
    return { parser: "nemotron_v3", why: `${tags} and knows truncate_history_thinking, as Nemotron 3 does` };
  }
  const isAlwaysOpen = shown.isOpened && thinking?.off === undefined;
  if (isAlwaysOpen && (toolParser === undefined || toolParser === "hermes")) {
    return { parser: "deepseek_r1", why: `${tags}, always opens one, and has no switch` };
  }
  if (toolParser === undefined) return { parser: "qwen3", why: tags };
  const parser = BY_TOOL_PARSER[toolParser];
  return parser === undefined
    ? undefined
    : { parser, why: `${tags}, and calls are written as ${toolParser} reads them` };
}
