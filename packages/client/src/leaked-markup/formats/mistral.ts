import type { Reading, TextSource } from "../text-source.ts";
import { toArgumentsText } from "../arguments-text.ts";
import type { ToolIndex } from "../tool-index.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";
import { readCallList, readCallObject } from "./call-object.ts";

/**
 * After `[TOOL_CALLS]`: `name[ARGS]{…}` or `name{…}` (tokenizers from v11 on), or a JSON list of calls (older ones).
 * Source: vLLM 0.32.0 `parser/mistral.py`.
 */
export const readMistral: CallReader = function* (source, tools) {
  yield* source.blanks();
  const next = yield* source.peek();
  if (next === "[" || next === "{") {
    const calls = next === "[" ? yield* readCallList(source, tools) : [yield* readCallObject(source, tools)];
    for (const call of calls ?? []) {
      if (call === undefined) return false;
      yield { name: call.name, argumentsText: call.argumentsText, format: "mistral" };
    }
    return calls !== undefined;
  }
  const call = yield* readNamedCall(source, tools);
  if (call === undefined) return false;
  yield call;
  return true;
};

/** The same where the special token `[TOOL_CALLS]` is hidden: the calls must then be the whole answer. */
export const readBareMistral: CallReader = function* (source, tools) {
  const calls = [];
  if ((yield* source.peek()) === "[") {
    const list = yield* readCallList(source, tools);
    if (list === undefined) return false;
    for (const { name, argumentsText } of list) calls.push({ name, argumentsText, format: "mistral" } as const);
    yield* source.blanks();
  } else {
    do {
      const call = yield* readNamedCall(source, tools);
      if (call === undefined) return false;
      calls.push(call);
      yield* source.blanks();
    } while ((yield* source.peek()) !== "");
  }
  if (!(yield* source.wholeAnswerEnds())) return false;
  yield* calls;
  return true;
};

function* readNamedCall(
  source: TextSource,
  tools: ToolIndex,
): Reading<{ name: string; argumentsText: string; format: "mistral" } | undefined> {
  const name = yield* readToolName(source, tools);
  if (name === undefined) return undefined;
  yield* source.blanks();
  if (yield* source.literal("[CALL_ID]")) {
    if ((yield* source.until("[ARGS]")) === undefined) return undefined;
  } else {
    yield* source.literal("[ARGS]");
  }
  yield* source.blanks();
  if ((yield* source.peek()) !== "{") return undefined;
  const json = yield* source.json();
  return json === undefined ? undefined : { name, argumentsText: toArgumentsText(json), format: "mistral" };
}
