import type { OutputSchema } from "./standard-schema.ts";
import type { JsonSchema } from "./standard-schema.ts";
import { toJsonSchema } from "./to-json-schema.ts";

/** `response_format` of a chat request that holds the answer to a JSON Schema. */
export interface JsonSchemaResponseFormat {
  type: "json_schema";
  json_schema: { name: string; schema: JsonSchema; strict: true };
}

/**
 * Turns a schema into vLLM's `response_format`. vLLM makes a grammar of it, so the answer cannot be anything else
 * (source: `structured_outputs_from_response_format`, vLLM 0.32.0; `name` must be there and is not used).
 *
 * @throws VllmError CONFIG_INVALID when the schema has no JSON Schema form.
 */
export function toResponseFormat(schema: OutputSchema): JsonSchemaResponseFormat {
  return { type: "json_schema", json_schema: { name: "output", schema: toJsonSchema(schema), strict: true } };
}
