import type { CallReader } from "./call-reader.ts";
import { withSurplusBrackets } from "./call-reader.ts";
import { readCallObject } from "./call-object.ts";

/** After `<tool_call>`: `{"name": …, "arguments": {…}}</tool_call>`. Source: vLLM 0.32.0 `tool_parsers/hermes_tool_parser.py`. */
export function readHermes(closingTag: string): CallReader {
  return function* (source, tools) {
    const call = yield* readCallObject(source, tools);
    if (call === undefined) return false;
    const argumentsText = yield* withSurplusBrackets(source, call.argumentsText);
    yield* source.blanks();
    if (!(yield* source.literal(closingTag))) return false;
    yield { name: call.name, argumentsText, format: "hermes" };
    return true;
  };
}
