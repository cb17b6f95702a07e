import { isJson } from "../json/is-json.ts";
import { JsonScanner } from "../json/json-scanner.ts";
import { escapeControlCharacters } from "./escape-control-characters.ts";
import type { Repair } from "./repairs.ts";

export interface RepairedArguments {
  /** A JSON object. */
  text: string;
  repairs: readonly Repair[];
}

const CLOSING = /^[\]}\s]*$/;

/** The object that broken arguments can only mean; undefined when they could mean something else, or nothing. */
export function repairArguments(text: string): RepairedArguments | undefined {
  if (isNothing(text)) return { text: "{}", repairs: ["no-arguments"] };
  if (!text.startsWith("{")) return undefined;
  const escaped = escapeControlCharacters(text);
  const end = new JsonScanner({ mostNested: Number.POSITIVE_INFINITY }).scan(escaped, 0);
  if (typeof end !== "number" || !CLOSING.test(escaped.slice(end))) return undefined;
  const object = escaped.slice(0, end);
  if (!isJson(object)) return undefined;
  const repairs: Repair[] = [];
  if (escaped !== text) repairs.push("control-characters");
  if (end < escaped.length) repairs.push("surplus-brackets");
  return { text: object, repairs };
}

/** What servers send for a call that has no arguments. */
export function isNothing(text: string): boolean {
  return text === "" || text === "null";
}
