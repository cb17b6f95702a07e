import { parseRawJson } from "../repairs/escape-control-characters.ts";
import type { JsonSchema } from "../schemas/standard-schema.ts";
import { propertySchema, toTypedJson } from "./to-typed-json.ts";

/** The JSON object of members whose values are JSON texts; a key that comes twice keeps its last value. */
export function toObjectText(members: ReadonlyMap<string, string>): string {
  return `{${list([...members].map(([key, json]) => `${JSON.stringify(key)}: ${json}`))}}`;
}

/** The JSON list of JSON texts. */
export function toListText(items: readonly string[]): string {
  return `[${list(items)}]`;
}

/** Unlike `join`, `+=` copies nothing: in nested values every level would copy all that is in it. */
function list(items: readonly string[]): string {
  let text = "";
  for (const item of items) text += text === "" ? item : `, ${item}`;
  return text;
}

/** The JSON object of parameters that were written as plain text. */
export function toTypedObjectText(parameters: ReadonlyMap<string, string>, schema: JsonSchema | undefined): string {
  const members = new Map<string, string>();
  for (const [key, text] of parameters) {
    members.set(key, toTypedJson(text, propertySchema(schema, key, schema), schema));
  }
  return toObjectText(members);
}

/** Arguments that a model wrote as JSON: nothing and null are `{}`, an object written inside a string is taken out. */
export function toArgumentsText(json: string | undefined): string {
  if (json === undefined || json === "null" || json === '""') return "{}";
  if (!json.startsWith('"')) return json;
  const inner = (parseRawJson(json) as string).trim();
  try {
    const value: unknown = parseRawJson(inner);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? inner : json;
  } catch {
    return json;
  }
}
