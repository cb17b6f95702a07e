import type { CallReader } from "./call-reader.ts";
import { readToolName, withSurplusBrackets } from "./call-reader.ts";

const CALL_BEGIN = "<｜tool▁call▁begin｜>";
const CALL_END = "<｜tool▁call▁end｜>";
const CALLS_END = "<｜tool▁calls▁end｜>";
const SEPARATOR = "<｜tool▁sep｜>";

/**
 * After `<｜tool▁call▁begin｜>`: `function<｜tool▁sep｜>name`, a fence and JSON (V3, R1), or `name<｜tool▁sep｜>{…}` (V3.1).
 * Source: vLLM 0.32.0 `tool_parsers/deepseekv3_tool_parser.py`, `deepseekv31_tool_parser.py`.
 */
export const readDeepseekCall: CallReader = function* (source, tools) {
  yield* source.blanks();
  const isOld = yield* source.literal(`function${SEPARATOR}`);
  const name = yield* readToolName(source, tools);
  if (name === undefined) return false;
  yield* source.blanks();
  if (!(yield* source.literal(isOld ? "```json" : SEPARATOR))) return false;
  const json = yield* source.json();
  if (json === undefined) return false;
  const argumentsText = yield* withSurplusBrackets(source, json);
  yield* source.blanks();
  if (isOld && !(yield* source.literal("```"))) return false;
  yield* source.blanks();
  if (!(yield* source.literal(CALL_END))) return false;
  yield { name, argumentsText, format: isOld ? "deepseek-v3" : "deepseek-v31" };
  const next = yield* source.follow([CALL_BEGIN, CALLS_END]);
  return next === CALL_BEGIN ? yield* readDeepseekCall(source, tools) : true;
};

/** After `<｜tool▁calls▁begin｜>`. */
export const readDeepseekCalls: CallReader = function* (source, tools) {
  yield* source.blanks();
  return (yield* source.literal(CALL_BEGIN)) && (yield* readDeepseekCall(source, tools));
};
