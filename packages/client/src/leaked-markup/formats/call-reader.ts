import type { Reading, TextSource } from "../text-source.ts";
import type { ToolIndex } from "../tool-index.ts";

/**
 * Reads calls after their opening marker. It yields each call when it is closed, and returns false when what comes is no
 * call: everything since the last one is then text.
 */
export type CallReader = (source: TextSource, tools: ToolIndex) => Reading<boolean>;

/** Consumes the name of a tool of the request, the longest that fits; undefined when none comes. */
export function readToolName(source: TextSource, tools: ToolIndex): Reading<string | undefined> {
  return source.oneOf(tools.names);
}

const CLOSING = /[\]}\s]*/y;

/**
 * Consumes closing brackets that a model wrote behind an object, and gives the object with them: in front of a closing tag they can mean
 * nothing else, and are dropped where every call's arguments are repaired.
 */
export function* withSurplusBrackets(source: TextSource, json: string): Reading<string> {
  if (!json.startsWith("{")) return json;
  return json + (yield* source.run(CLOSING)).trim();
}
