import type { Reading, TextSource } from "../text-source.ts";
import { toArgumentsText } from "../arguments-text.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName, withSurplusBrackets } from "./call-reader.ts";

const CALL_BEGIN = "<|tool_call_begin|>";
const CALL_END = "<|tool_call_end|>";
const DIGITS = /\d*/y;
const SECTION_END = "<|tool_calls_section_end|>";

/**
 * After `<|tool_call_begin|>`: `functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`.
 * Source: vLLM 0.32.0 `parser/kimi_k2.py`.
 */
export const readKimiCall: CallReader = function* (source, tools) {
  for (;;) {
    yield* source.blanks();
    yield* source.literal("functions.");
    const name = yield* readToolName(source, tools);
    if (name === undefined || !(yield* readNumber(source))) return false;
    yield* source.blanks();
    if (!(yield* source.literal("<|tool_call_argument_begin|>"))) return false;
    yield* source.blanks();
    const isEmpty = yield* source.literal(CALL_END);
    let json = isEmpty ? undefined : yield* source.json();
    if (!isEmpty) {
      if (json === undefined) return false;
      json = yield* withSurplusBrackets(source, json);
      yield* source.blanks();
      if (!(yield* source.literal(CALL_END))) {
        if (!(yield* source.literal(SECTION_END))) return false;
        yield { name, argumentsText: toArgumentsText(json), format: "kimi-k2" };
        return true;
      }
    }
    yield { name, argumentsText: toArgumentsText(json), format: "kimi-k2" };
    const next = yield* source.follow([CALL_BEGIN, SECTION_END]);
    if (next !== CALL_BEGIN) return true;
  }
};

/** After `<|tool_calls_section_begin|>`. */
export const readKimiSection: CallReader = function* (source, tools) {
  yield* source.blanks();
  return (yield* source.literal(CALL_BEGIN)) && (yield* readKimiCall(source, tools));
};

/** After `functions.`, where the server hides the special tokens: `name:0 {…}`. */
export const readBareKimiCall: CallReader = function* (source, tools) {
  const name = yield* readToolName(source, tools);
  if (name === undefined || !(yield* readNumber(source))) return false;
  yield* source.blanks();
  if ((yield* source.peek()) !== "{") return false;
  const json = yield* source.json();
  if (json === undefined) return false;
  yield { name, argumentsText: json, format: "kimi-k2" };
  return true;
};

/** Consumes `:` and the number of the call. */
function* readNumber(source: TextSource): Reading<boolean> {
  if (!(yield* source.literal(":"))) return false;
  return (yield* source.run(DIGITS)) !== "";
}
