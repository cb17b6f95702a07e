import { toTypedObjectText } from "../arguments-text.ts";
import type { CallReader } from "./call-reader.ts";
import { markerSetOf } from "../marker-set.ts";
import { readToolName } from "./call-reader.ts";

const VALUE_ENDS = markerSetOf(["</parameter>", "<parameter=", "</function>"]);

/**
 * After `<function=`: `name><parameter=key>value</parameter>…</function>`, and the closing tag of what is around it.
 * Closing tags of parameters may be missing. Source: vLLM 0.32.0 `parser/qwen3.py`, `parser/seed_oss.py`.
 */
export const readQwenFunction: CallReader = function* (source, tools) {
  const name = yield* readToolName(source, tools);
  if (name === undefined || !(yield* source.literal(">"))) return false;
  const parameters = new Map<string, string>();
  for (;;) {
    yield* source.blanks();
    const tag = yield* source.oneOf(["<parameter=", "</function>", "</parameter>"]);
    if (tag === undefined) return false;
    if (tag === "</function>") break;
    if (tag === "</parameter>") continue;
    const key = yield* source.until(">");
    if (key === undefined) return false;
    const value = yield* source.untilOneOf(VALUE_ENDS);
    if (value === undefined) return false;
    parameters.set(key.text.trim(), withoutOuterLineBreaks(value.text));
    if (value.stop !== "</parameter>") source.at -= value.stop.length;
  }
  yield { name, argumentsText: toTypedObjectText(parameters, tools.schemaOf(name)), format: "qwen-xml" };
  yield* source.follow(["</tool_call>", "</seed:tool_call>"]);
  return true;
};

/** After `<tool_call>`: one function or more. */
export const readQwenXml: CallReader = function* (source, tools) {
  yield* source.blanks();
  if (!(yield* source.literal("<function="))) return false;
  do {
    if (!(yield* readQwenFunction(source, tools))) return false;
  } while ((yield* source.follow(["<function="])) !== undefined);
  return true;
};

/** The template puts one line break on each side of a value. */
function withoutOuterLineBreaks(text: string): string {
  return text.replace(/^\n/, "").replace(/\n$/, "");
}
