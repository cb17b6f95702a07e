import { isDeeperThan } from "../text/is-deeper-than.ts";
import { parseJson } from "../text/parse-json.ts";

/** No error has more levels; a megabyte of `[` takes V8 50 ms to refuse. */
const MOST_LEVELS = 1000;

/** A text as JSON; undefined when it is none, or nested deeper than any error. */
export function parseErrorJson(text: string): unknown {
  return isDeeperThan(text, MOST_LEVELS) ? undefined : parseJson(text);
}

/** The JSON object that begins at a place inside another text; undefined when it does not end or is none. One pass. */
export function jsonObjectAt(text: string, start: number): unknown {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === "{") {
      depth += 1;
    } else if (character === "}") {
      depth -= 1;
      if (depth === 0) return parseErrorJson(text.slice(start, at + 1));
    }
  }
  return undefined;
}
