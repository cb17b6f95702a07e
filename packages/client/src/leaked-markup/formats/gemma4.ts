import type { JsonSchema } from "../../schemas/standard-schema.ts";
import type { Reading, TextSource } from "../text-source.ts";
import { toListText, toObjectText } from "../arguments-text.ts";
import { parseRawJson } from "../../repairs/escape-control-characters.ts";
import { MOST_NESTED } from "../../json/json-scanner.ts";
import { itemSchema, propertySchema, toTypedJson } from "../to-typed-json.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";
import { readPythonLiteral } from "./python-literal.ts";

const BETWEEN = /[\s,]*/y;
const QUOTE = '<|"|>';
const HAS_QUOTE = /["']/;

/**
 * After `<|tool_call>`: `call:name{key:<|"|>text<|"|>,number:42}<tool_call|>`; some checkpoints leave `call` out.
 * Source: vLLM 0.32.0 `parser/gemma4.py`.
 */
export const readGemma4: CallReader = function* (source, tools) {
  yield* source.blanks();
  if ((yield* source.oneOf(["call:", ":"])) === undefined) return false;
  const name = yield* readToolName(source, tools);
  if (name === undefined) return false;
  const schema = tools.schemaOf(name);
  const open = yield* source.oneOf(["{", "("]);
  if (open === undefined) return false;
  const argumentsText = yield* readMembers(source, { schema, root: schema, depth: 0 }, open === "{" ? "}" : ")");
  if (argumentsText === undefined) return false;
  yield* source.blanks();
  if ((yield* source.oneOf(["<tool_call|>", "<turn|>"])) === undefined) return false;
  yield { name, argumentsText, format: "gemma4" };
  return true;
};

/** What is known of the value that comes. */
interface Place {
  schema: JsonSchema | undefined;
  root: JsonSchema | undefined;
  depth: number;
}

function* readMembers(source: TextSource, { schema, root, depth }: Place, close: string): Reading<string | undefined> {
  const members = new Map<string, string>();
  let hasBareText = false;
  for (;;) {
    yield* source.run(BETWEEN);
    if (yield* source.literal(close)) return toObjectText(members);
    const name = yield* readKey(source);
    if (name === undefined) return undefined;
    const place = { schema: propertySchema(schema, name, root), root, depth: depth + 1 };
    // What looks like the next key may be the rest of a text that has no quotes and a comma in it.
    if (hasBareText && place.schema === undefined && schema !== undefined) return undefined;
    const value = yield* readValue(source, place, close);
    if (value === undefined) return undefined;
    hasBareText ||= value.isBareText;
    members.set(name, value.json);
  }
}

function* readItems(source: TextSource, { schema, root, depth }: Place): Reading<string | undefined> {
  const items: string[] = [];
  const place = { schema: itemSchema(schema, root), root, depth: depth + 1 };
  for (;;) {
    yield* source.run(BETWEEN);
    if (yield* source.literal("]")) return toListText(items);
    const value = yield* readValue(source, place, "]");
    if (value === undefined) return undefined;
    items.push(value.json);
  }
}

/** A key with Gemma's quotes, with plain ones, or without. */
function* readKey(source: TextSource): Reading<string | undefined> {
  const quoted = yield* readQuoted(source);
  if (quoted === "broken") return undefined;
  const key = quoted ?? (yield* source.until(":"))?.text.trim();
  if (key === undefined || (quoted === undefined && HAS_QUOTE.test(key))) return undefined;
  yield* source.blanks();
  return quoted === undefined || (yield* source.literal(":")) ? key : undefined;
}

/**
 * The text in Gemma's quotes, or in the plain ones of JSON or Python that the model falls back to (vLLM issue 51284); undefined when there are
 * none.
 */
function* readQuoted(source: TextSource): Reading<string | "broken" | undefined> {
  if (yield* source.literal(QUOTE)) return (yield* source.until(QUOTE))?.text ?? "broken";
  const next = yield* source.peek();
  if (next !== '"' && next !== "'") return undefined;
  const json = next === '"' ? yield* source.json() : yield* readPythonLiteral(source);
  return json === undefined ? "broken" : (parseRawJson(json) as string);
}

interface Value {
  json: string;
  /** A text without quotes. */
  isBareText: boolean;
}

function* readValue(source: TextSource, place: Place, close: string): Reading<Value | undefined> {
  const { schema, root, depth } = place;
  if (depth > MOST_NESTED) return undefined;
  yield* source.blanks();
  const open = yield* source.oneOf(["{", "["]);
  if (open !== undefined) {
    const json = yield* open === "{" ? readMembers(source, place, "}") : readItems(source, place);
    return json === undefined ? undefined : { json, isBareText: false };
  }
  const quoted = yield* readQuoted(source);
  if (quoted !== undefined) {
    yield* source.blanks();
    const next = yield* source.peek();
    // Behind a quote in the middle of a text, more of it comes.
    if (quoted === "broken" || (next !== "," && next !== close)) return undefined;
    return { json: toTypedJson(quoted, schema, root), isBareText: false };
  }
  const bare = yield* source.until(",", close);
  if (bare === undefined) return undefined;
  source.at -= bare.stop.length;
  const text = bare.text.trim();
  if (HAS_QUOTE.test(text)) return undefined;
  const json = schema === undefined && isLiteral(text) ? text : toTypedJson(text, schema, root);
  return { json, isBareText: json.startsWith('"') };
}

/** A bare value of which no type is known: quotes mark the texts, so this is none. */
function isLiteral(text: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text);
}
