import { isRecord } from "@vllm/schema/internal";

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about which values fit. */
const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);
/** Keywords that hold no schemas and that the grammar keeps exactly. */
const KEPT = new Set([
  "type",
  "required",
  "const",
  "format",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
]);
const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);

/**
 * True when vLLM's grammar of `strict: true` allows just what the schema allows, so that marking a tool changes nothing
 * for a call that fits.
 *
 * Measured with xgrammar as vLLM 0.32.0 uses it: optional properties stay optional, `additionalProperties` is kept where it
 * is written and an object that lists its properties without it is closed. Other keywords are turned into something else
 * (`pattern` must match the whole text, `patternProperties`, `propertyNames` and `contains` refuse what they should allow)
 * or fail the whole request (`minProperties`, back references): a schema with them is left alone.
 */
export function allowsStrict(parameters: unknown): boolean {
  return isRecord(parameters) && parameters["type"] === "object" && isKept(parameters, parameters, 0);
}

function isKept(schema: unknown, root: Schema, depth: number): boolean {
  if (schema === true) return true;
  if (!isRecord(schema) || depth > 64) return false;
  return Object.entries(schema).every(([keyword, value]) => {
    const isSchema = (inner: unknown) => isKept(inner, root, depth + 1);
    switch (keyword) {
      case "type":
        return [value].flat().every((type) => TYPES.has(type as string));
      case "enum":
        return Array.isArray(value) && value.length > 0;
      case "properties":
      case "$defs":
      case "definitions":
        return isRecord(value) && Object.values(value).every(isSchema);
      case "items":
        return isSchema(value);
      case "additionalProperties":
        return value === false || isSchema(value);
      case "anyOf":
      case "oneOf":
        return Array.isArray(value) && value.length > 0 && value.every(isSchema);
      case "propertyNames":
        // zod writes this for every record; it forbids nothing.
        return JSON.stringify(value) === '{"type":"string"}';
      case "$ref":
        return typeof value === "string" && hasDefinition(value, root);
      default:
        return ANNOTATIONS.has(keyword) || KEPT.has(keyword);
    }
  });
}

/** Definitions are checked where they stand, so a reference only has to lead to one. */
function hasDefinition(reference: string, root: Schema): boolean {
  if (reference === "#") return true;
  const match = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec(reference);
  const definitions = match === null ? undefined : root[match[1] ?? ""];
  return isRecord(definitions) && Object.hasOwn(definitions, match?.[2] ?? "");
}
