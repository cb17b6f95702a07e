import type { Reading, TextSource } from "../text-source.ts";
import { parseRawJson } from "../../repairs/escape-control-characters.ts";
import { toArgumentsText } from "../arguments-text.ts";
import type { ToolIndex } from "../tool-index.ts";

/** A call as a JSON object: `{"name": …, "arguments": …}` or `{"name": …, "parameters": …}`. */
export interface CallObject {
  name: string;
  argumentsText: string;
  /** Names of its members. */
  keys: ReadonlySet<string>;
}

/** Reads one call object; undefined as soon as what comes is none, or names no tool of the request. */
export function* readCallObject(source: TextSource, tools: ToolIndex): Reading<CallObject | undefined> {
  yield* source.blanks();
  if (!(yield* source.literal("{"))) return undefined;
  const members = new Map<string, string>();
  for (;;) {
    yield* source.blanks();
    if ((yield* source.peek()) !== '"') return undefined;
    const key = yield* source.json();
    if (key === undefined) return undefined;
    yield* source.blanks();
    if (!(yield* source.literal(":"))) return undefined;
    const value = yield* source.json();
    if (value === undefined) return undefined;
    const name = parseRawJson(key) as string;
    if (name === "name" && !tools.has(parseRawJson(value))) return undefined;
    members.set(name, value);
    yield* source.blanks();
    const after = yield* source.oneOf([",", "}"]);
    if (after === undefined) return undefined;
    if (after === "}") break;
  }
  const name = members.get("name");
  if (name === undefined) return undefined;
  return {
    name: parseRawJson(name) as string,
    argumentsText: toArgumentsText(members.get("arguments") ?? members.get("parameters")),
    keys: new Set(members.keys()),
  };
}

/** Reads a list of call objects with its brackets; undefined when what comes is none. */
export function* readCallList(source: TextSource, tools: ToolIndex): Reading<CallObject[] | undefined> {
  yield* source.blanks();
  if (!(yield* source.literal("["))) return undefined;
  const calls: CallObject[] = [];
  for (;;) {
    const call = yield* readCallObject(source, tools);
    if (call === undefined) return undefined;
    calls.push(call);
    yield* source.blanks();
    const after = yield* source.oneOf([",", "]"]);
    if (after === undefined) return undefined;
    if (after === "]") return calls;
  }
}
