import type { FoundCall, Reading, TextSource } from "../text-source.ts";
import type { ToolIndex } from "../tool-index.ts";
import type { CallReader } from "./call-reader.ts";
import { readCallObject } from "./call-object.ts";

const MEMBERS = new Set(["name", "parameters", "arguments", "type", "id"]);

/**
 * After `<|python_tag|>`: `{"name": …, "parameters": {…}}`, several with `;` between.
 * Source: vLLM 0.32.0 `tool_parsers/llama_tool_parser.py`.
 */
export const readMarkedLlama: CallReader = function* (source, tools) {
  let after: string | undefined;
  do {
    const call = yield* readCall(source, tools);
    if (call === undefined) return false;
    yield call.found;
    after = yield* source.follow([";", "{"]);
    if (after === "{") source.at -= 1;
  } while (after !== undefined);
  return true;
};

/** The same without a marker: then it must be the whole answer, and of that form alone. */
export const readWholeLlama: CallReader = function* (source, tools) {
  const calls: FoundCall[] = [];
  do {
    const call = yield* readCall(source, tools);
    if (call === undefined || !isPlain(call.keys)) return false;
    calls.push(call.found);
    yield* source.blanks();
  } while ((yield* source.literal(";")) || (yield* source.peek()) === "{");
  if (!(yield* source.wholeAnswerEnds())) return false;
  yield* calls;
  return true;
};

function* readCall(
  source: TextSource,
  tools: ToolIndex,
): Reading<{ found: FoundCall; keys: ReadonlySet<string> } | undefined> {
  const call = yield* readCallObject(source, tools);
  if (call === undefined) return undefined;
  return { found: { name: call.name, argumentsText: call.argumentsText, format: "llama-json" }, keys: call.keys };
}

/** Any other object may be an answer in JSON. */
function isPlain(keys: ReadonlySet<string>): boolean {
  return (keys.has("parameters") || keys.has("arguments")) && [...keys].every((key) => MEMBERS.has(key));
}
