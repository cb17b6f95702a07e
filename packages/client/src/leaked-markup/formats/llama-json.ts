import type { FoundCall, Reading, TextSource } from "../text-source.ts";
import type { ToolIndex } from "../tool-index.ts";
import type { CallReader } from "./call-reader.ts";
import { readCallObject } from "./call-object.ts";
import { readPythonic } from "./pythonic.ts";

const PYTHON_END = "<|python_end|>";
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

const readLlama4List = readPythonic(PYTHON_END);

/**
 * After `<|python_start|>` (Llama 4): Python calls in a list, or JSON as Llama 3 writes it, then `<|python_end|>`.
 * Source: vLLM 0.32.0 `tool_parsers/llama4_pythonic_tool_parser.py`, vLLM issue 16214.
 */
export const readLlama4: CallReader = function* (source, tools) {
  yield* source.blanks();
  if ((yield* source.peek()) !== "{") return yield* readLlama4List(source, tools);
  const calls = yield* readCalls(source, tools);
  if (calls === undefined) return false;
  if (!(yield* source.literal(PYTHON_END))) return false;
  yield* calls.map(({ found }) => found);
  return true;
};

/** The same without a marker: then it must be the whole answer, and of that form alone. */
export const readWholeLlama: CallReader = function* (source, tools) {
  const calls = yield* readCalls(source, tools);
  if (calls === undefined || !calls.every(({ keys }) => isPlain(keys))) return false;
  if (!(yield* source.wholeAnswerEnds())) return false;
  yield* calls.map(({ found }) => found);
  return true;
};

interface JsonCall {
  found: FoundCall;
  /** Names of its members. */
  keys: ReadonlySet<string>;
}

/** Reads calls one after another, with or without `;` between; undefined when one of them is none. */
function* readCalls(source: TextSource, tools: ToolIndex): Reading<JsonCall[] | undefined> {
  const calls: JsonCall[] = [];
  do {
    const call = yield* readCall(source, tools);
    if (call === undefined) return undefined;
    calls.push(call);
    yield* source.blanks();
  } while ((yield* source.literal(";")) || (yield* source.peek()) === "{");
  return calls;
}

function* readCall(source: TextSource, tools: ToolIndex): Reading<JsonCall | undefined> {
  const call = yield* readCallObject(source, tools);
  if (call === undefined) return undefined;
  return { found: { name: call.name, argumentsText: call.argumentsText, format: "llama-json" }, keys: call.keys };
}

/** Any other object may be an answer in JSON. */
function isPlain(keys: ReadonlySet<string>): boolean {
  return (keys.has("parameters") || keys.has("arguments")) && [...keys].every((key) => MEMBERS.has(key));
}
