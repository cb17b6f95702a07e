import type { JsonSchema } from "../../schemas/standard-schema.ts";
import type { Reading, TextSource } from "../text-source.ts";
import { toListText, toObjectText } from "../arguments-text.ts";
import { MOST_NESTED } from "../../json/json-scanner.ts";
import { itemSchema, propertySchema, toTypedJson } from "../to-typed-json.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";

const BETWEEN = /[\s,]*/y;
const QUOTE = '<|"|>';

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
  for (;;) {
    yield* source.run(BETWEEN);
    if (yield* source.literal(close)) return toObjectText(members);
    const key = (yield* source.literal(QUOTE)) ? yield* source.until(QUOTE) : yield* source.until(":");
    if (key === undefined) return undefined;
    if (key.stop === QUOTE && !(yield* source.literal(":"))) return undefined;
    const name = key.text.trim();
    const place = { schema: propertySchema(schema, name, root), root, depth: depth + 1 };
    const json = yield* readValue(source, place, close);
    if (json === undefined) return undefined;
    members.set(name, json);
  }
}

function* readItems(source: TextSource, { schema, root, depth }: Place): Reading<string | undefined> {
  const items: string[] = [];
  const place = { schema: itemSchema(schema, root), root, depth: depth + 1 };
  for (;;) {
    yield* source.run(BETWEEN);
    if (yield* source.literal("]")) return toListText(items);
    const json = yield* readValue(source, place, "]");
    if (json === undefined) return undefined;
    items.push(json);
  }
}

function* readValue(source: TextSource, place: Place, close: string): Reading<string | undefined> {
  const { schema, root, depth } = place;
  if (depth > MOST_NESTED) return undefined;
  yield* source.blanks();
  const open = yield* source.oneOf([QUOTE, "{", "["]);
  if (open === "{") return yield* readMembers(source, place, "}");
  if (open === "[") return yield* readItems(source, place);
  if (open === QUOTE) {
    const text = yield* source.until(QUOTE);
    return text === undefined ? undefined : toTypedJson(text.text, schema, root);
  }
  const bare = yield* source.until(",", close);
  if (bare === undefined) return undefined;
  source.at -= bare.stop.length;
  const text = bare.text.trim();
  return schema === undefined && isLiteral(text) ? text : toTypedJson(text, schema, root);
}

/** A bare value of which no type is known: quotes mark the texts, so this is none. */
function isLiteral(text: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text);
}
