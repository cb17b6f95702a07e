import type { Reading, TextSource } from "../text-source.ts";
import type { ToolIndex } from "../tool-index.ts";
import { readToolName } from "./call-reader.ts";

/** What a header of gpt-oss's harmony format begins: calls (already yielded), reasoning, the answer, or nothing. */
export type HarmonySection = "calls" | "thought" | "answer" | "none";

const CHANNELS = ["analysis", "commentary", "final"];
/** What may stand between a call's name and its arguments; the model calls functions from its analysis, too, and then writes `code`. */
const HEADER_WORDS = ["<|channel|>", ...CHANNELS, "<|constrain|>", "json", "code", "<|message|>"];

/** After `<|start|>`. Source: vLLM 0.32.0 `parser/harmony.py`. */
export function* readHarmonyStart(source: TextSource, tools: ToolIndex): Reading<HarmonySection> {
  if (!(yield* source.literal("assistant"))) return "none";
  yield* source.blanks();
  if (yield* source.literal("to=functions.")) return yield* readHarmonyCall(source, tools);
  if (!(yield* source.literal("<|channel|>"))) return "none";
  return yield* readHarmonyChannel(source, tools);
}

/** After `<|channel|>`: `analysis`, `final` and plain `commentary` hold text, `commentary to=functions.name` holds a call. */
export function* readHarmonyChannel(source: TextSource, tools: ToolIndex): Reading<HarmonySection> {
  const channel = yield* source.oneOf(CHANNELS);
  if (channel === undefined) return "none";
  yield* source.blanks();
  if (yield* source.literal("to=functions.")) return yield* readHarmonyCall(source, tools);
  yield* source.literal("<|constrain|>");
  yield* source.literal("json");
  if (!(yield* source.literal("<|message|>"))) return "none";
  return channel === "analysis" ? "thought" : "answer";
}

/**
 * After `to=functions.`: `name<|channel|>commentary <|constrain|>json<|message|>{…}`, in any of the orders that models
 * write. `<|call|>` stops the model and is not in the text, so the end of the JSON is the end of the call.
 */
export function* readHarmonyCall(source: TextSource, tools: ToolIndex): Reading<HarmonySection> {
  const name = yield* readToolName(source, tools);
  if (name === undefined) return "none";
  do yield* source.blanks();
  while ((yield* source.oneOf(HEADER_WORDS)) !== undefined);
  if ((yield* source.peek()) !== "{") return "none";
  const argumentsText = yield* source.json();
  if (argumentsText === undefined) return "none";
  yield { name, argumentsText, format: "gpt-oss" };
  yield* source.oneOf(["<|call|>", "<|end|>"]);
  return "calls";
}
