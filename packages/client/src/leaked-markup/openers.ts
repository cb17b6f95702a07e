import { readDeepseekCall, readDeepseekCalls } from "./formats/deepseek.ts";
import { readGemma4 } from "./formats/gemma4.ts";
import { readHarmonyCall, readHarmonyChannel, readHarmonyStart } from "./formats/gpt-oss.ts";
import type { HarmonySection } from "./formats/gpt-oss.ts";
import { readGranite } from "./formats/granite.ts";
import { readHermes } from "./formats/hermes.ts";
import {
  readDsmlInvoke,
  readDsmlSection,
  readMinimaxInvoke,
  readMinimaxSection,
  readSpacedDsmlInvoke,
  readSpacedDsmlSection,
} from "./formats/invoke-xml.ts";
import { readBareKimiCall, readKimiCall, readKimiSection } from "./formats/kimi-k2.ts";
import { readLlama4, readMarkedLlama, readWholeLlama } from "./formats/llama-json.ts";
import { readBareMistral, readMistral } from "./formats/mistral.ts";
import { readFunctionCalls, readPythonic } from "./formats/pythonic.ts";
import { readQwenFunction, readQwenXml } from "./formats/qwen-xml.ts";
import { readToolCallTag } from "./formats/tool-call-tag.ts";
import type { CallReader } from "./formats/call-reader.ts";
import type { Reading, TextSource } from "./text-source.ts";
import type { ToolIndex } from "./tool-index.ts";

/** Markers that open a call wherever they stand in the text. */
export const CALL_OPENERS: ReadonlyMap<string, CallReader> = new Map([
  ["<tool_call>", readToolCallTag],
  ["<longcat_tool_call>", readHermes("</longcat_tool_call>")],
  ["<seed:tool_call>", readQwenXml],
  ["<function=", readQwenFunction],
  ["<|tool_call|>", readGranite],
  ["<|python_tag|>", readMarkedLlama],
  ["<|python_start|>", readLlama4],
  ["<|tool_call_start|>", readPythonic("<|tool_call_end|>")],
  ["<function_calls>", readFunctionCalls],
  ["[TOOL_CALLS]", readMistral],
  ["<｜tool▁calls▁begin｜>", readDeepseekCalls],
  ["<｜tool▁call▁begin｜>", readDeepseekCall],
  ["<｜DSML｜function_calls>", readDsmlSection],
  ["<｜DSML｜tool_calls>", readDsmlSection],
  ["<｜DSML｜toolcalls>", readDsmlSection],
  ["<｜DSML｜tool>", readDsmlSection],
  ["<｜DSML｜invoke name=", readDsmlInvoke],
  ["<｜DSML｜ calls>", readSpacedDsmlSection],
  ["<｜DSML｜ invoke name=", readSpacedDsmlInvoke],
  ["<minimax:tool_call>", readMinimaxSection],
  ["<invoke name=", readMinimaxInvoke],
  ["<|tool_calls_section_begin|>", readKimiSection],
  ["<|tool_call_begin|>", readKimiCall],
  ["functions.", readBareKimiCall],
  ["<|tool_call>", readGemma4],
]);

/** Markers of gpt-oss, which hold calls, reasoning and the answer. The last ones are what is left when special tokens are hidden. */
export const HARMONY_OPENERS: ReadonlyMap<string, (source: TextSource, tools: ToolIndex) => Reading<HarmonySection>> =
  new Map([
    ["<|start|>", readHarmonyStart],
    ["<|channel|>", readHarmonyChannel],
    ...["assistantcommentary", "commentary", "assistantanalysis", "analysis", "assistant"].map(
      (header) => [`${header} to=functions.`, readHarmonyCall] as const,
    ),
  ]);

const readWholePythonic = readPythonic("whole-answer");

/** The reader of what an answer that begins with `window` may be when it has no marker. */
export function toBareReader(window: string, tools: ToolIndex): CallReader | undefined {
  if (tools.names.length === 0) return undefined;
  if (window.startsWith("{")) return readWholeLlama;
  if (window.startsWith("[")) return readBareList;
  return tools.names.some((name) => name.startsWith(window) || window.startsWith(name)) ? readBareMistral : undefined;
}

/** A list at the beginning of an answer: of JSON objects, or of Python calls. */
const readBareList: CallReader = function* (source, tools) {
  yield* source.literal("[");
  yield* source.blanks();
  const isJson = (yield* source.peek()) === "{";
  source.rewind();
  return yield* isJson ? readBareMistral(source, tools) : readWholePythonic(source, tools);
};
