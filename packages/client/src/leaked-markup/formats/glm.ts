import { toTypedObjectText } from "../arguments-text.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";

/**
 * After `<tool_call>`: `name<arg_key>key</arg_key><arg_value>value</arg_value>…</tool_call>`, with line breaks between the
 * tags (GLM 4.5) or without (4.7). Source: vLLM 0.32.0 `parser/glm47_moe.py`.
 */
export const readGlm: CallReader = function* (source, tools) {
  yield* source.blanks();
  const name = yield* readToolName(source, tools);
  if (name === undefined) return false;
  const parameters = new Map<string, string>();
  for (;;) {
    yield* source.blanks();
    const tag = yield* source.oneOf(["<arg_key>", "</tool_call>"]);
    if (tag === undefined) return false;
    if (tag === "</tool_call>") break;
    const key = yield* source.until("</arg_key>");
    if (key === undefined) return false;
    yield* source.blanks();
    if (!(yield* source.literal("<arg_value>"))) return false;
    const value = yield* source.until("</arg_value>");
    if (value === undefined) return false;
    parameters.set(key.text.trim(), value.text);
  }
  yield { name, argumentsText: toTypedObjectText(parameters, tools.schemaOf(name)), format: "glm" };
  return true;
};
