import { isRecord } from "@vllm/schema/internal";
import { parseRawJson } from "../repairs/escape-control-characters.ts";
import type { JsonSchema } from "../schemas/standard-schema.ts";

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The JSON of a value that a model wrote as plain text, by its schema, in the order in which vLLM tries the types
 * (source: `coerce_to_schema_type`, vLLM 0.32.0 `tool_parsers/utils.py`). Without a schema, or when no type fits, it is a string.
 */
export function toTypedJson(text: string, schema: JsonSchema | undefined, root: JsonSchema | undefined): string {
  const types = schemaTypes(schema, root);
  const trimmed = text.trim();
  if (types.has("null") && trimmed.toLowerCase() === "null") return "null";
  if (types.has("integer") && INTEGER.test(trimmed)) return toIntegerJson(trimmed);
  if (types.has("number") && NUMBER.test(trimmed)) {
    if (INTEGER.test(trimmed)) return toIntegerJson(trimmed);
    const value = Number(trimmed);
    if (Number.isFinite(value)) return JSON.stringify(value);
  }
  if (types.has("boolean")) {
    if (/^(?:true|1)$/i.test(trimmed)) return "true";
    if (/^(?:false|0)$/i.test(trimmed)) return "false";
  }
  if (types.has("object") || types.has("array")) {
    const value = parse(trimmed);
    if (typeof value === "object" && value !== null) return trimmed;
  }
  return JSON.stringify(text);
}

/** Digits beyond 2^53 stay as they are. */
function toIntegerJson(text: string): string {
  return text.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1");
}

function parse(text: string): unknown {
  try {
    return parseRawJson(text);
  } catch {
    return undefined;
  }
}

/** Every type that a schema allows: `type`, the values of `enum` and `const`, and those of its alternatives. */
function schemaTypes(schema: unknown, root: unknown, depth = 0): Set<string> {
  const types = new Set<string>();
  const resolved = resolveReference(schema, root);
  if (resolved === undefined || depth > 8) return types;
  for (const type of [resolved["type"]].flat()) if (typeof type === "string") types.add(type);
  const values = Array.isArray(resolved["enum"]) ? [...resolved["enum"]] : [];
  if ("const" in resolved) values.push(resolved["const"]);
  for (const value of values) types.add(typeOfValue(value));
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const choices = resolved[key];
    if (!Array.isArray(choices)) continue;
    for (const choice of choices) for (const type of schemaTypes(choice, root, depth + 1)) types.add(type);
  }
  return types;
}

function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** The schema of a property. */
export function propertySchema(schema: unknown, key: string, root: unknown): JsonSchema | undefined {
  const properties = resolveReference(schema, root)?.["properties"];
  return isRecord(properties) && Object.hasOwn(properties, key) ? asSchema(properties[key]) : undefined;
}

/** The schema of a list's items. */
export function itemSchema(schema: unknown, root: unknown): JsonSchema | undefined {
  return asSchema(resolveReference(schema, root)?.["items"]);
}

/** Follows local references such as `#/$defs/City`, which zod writes for schemas that are used twice. */
function resolveReference(schema: unknown, root: unknown): JsonSchema | undefined {
  let current = schema;
  for (let depth = 0; depth < 8 && isRecord(current) && typeof current["$ref"] === "string"; depth += 1) {
    const reference: string = current["$ref"];
    if (!reference.startsWith("#")) return undefined;
    const steps = reference.split("/").slice(1);
    current = steps.reduce<unknown>((value, step) => {
      const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
      return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    }, root);
  }
  return asSchema(current);
}

function asSchema(value: unknown): JsonSchema | undefined {
  return isRecord(value) ? value : undefined;
}
