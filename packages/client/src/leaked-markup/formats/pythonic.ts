import type { FoundCall, Reading, TextSource } from "../text-source.ts";
import { toObjectText } from "../arguments-text.ts";
import type { ToolIndex } from "../tool-index.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";
import { readComma, readPythonLiteral } from "./python-literal.ts";

const KEY = /\w*/y;

/**
 * `[name(key='text', number=1), …]`. Between markers text may follow; without them the list must be the whole answer.
 * Source: vLLM 0.32.0 `tool_parsers/pythonic_tool_parser.py`, `llama4_pythonic_tool_parser.py`, `lfm2_tool_parser.py`.
 */
export function readPythonic(closing: string | "whole-answer"): CallReader {
  return function* (source, tools) {
    yield* source.blanks();
    if (!(yield* source.literal("["))) return false;
    const calls: FoundCall[] = [];
    do {
      const call = yield* readCall(source, tools);
      if (call === undefined || !(yield* readComma(source, "]"))) return false;
      calls.push(call);
      yield* source.blanks();
    } while (!(yield* source.literal("]")));
    yield* source.blanks();
    const isClosed = yield* closing === "whole-answer" ? source.wholeAnswerEnds() : source.literal(closing);
    if (!isClosed) return false;
    yield* calls;
    return true;
  };
}

/** After `<function_calls>` (OLMo 3): a call a line. Source: vLLM 0.32.0 `tool_parsers/olmo3_tool_parser.py`. */
export const readFunctionCalls: CallReader = function* (source, tools) {
  const calls: FoundCall[] = [];
  for (;;) {
    yield* source.blanks();
    if (yield* source.literal("</function_calls>")) break;
    const call = yield* readCall(source, tools);
    if (call === undefined) return false;
    calls.push(call);
  }
  yield* calls;
  return calls.length > 0;
};

function* readCall(source: TextSource, tools: ToolIndex): Reading<FoundCall | undefined> {
  yield* source.blanks();
  const name = yield* readToolName(source, tools);
  if (name === undefined || !(yield* source.literal("("))) return undefined;
  const members = new Map<string, string>();
  for (;;) {
    yield* source.blanks();
    if (yield* source.literal(")")) return { name, argumentsText: toObjectText(members), format: "pythonic" };
    const key = yield* source.run(KEY);
    yield* source.blanks();
    if (key === "" || !(yield* source.literal("="))) return undefined;
    const value = yield* readPythonLiteral(source);
    if (value === undefined) return undefined;
    members.set(key, value);
    if (!(yield* readComma(source, ")"))) return undefined;
  }
}
