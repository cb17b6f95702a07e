import { isJson } from "./is-json.ts";
import { JsonScanner } from "./json-scanner.ts";

/** True when the text is not complete JSON, but could become it by adding to its end. */
export function isJsonPrefix(text: string): boolean {
  const scanner = new JsonScanner({ mostNested: Number.POSITIVE_INFINITY });
  if (scanner.scan(text, 0) !== "more") return false;
  // A number may always go on, a word that is whole may not.
  if (scanner.endsWithText && /[el]$/.test(text) && isJson(text)) return false;
  return isJson(text + scanner.missingEnd(text));
}
