import { VllmError } from "@vllm/schema/core";
import { isJsonSchemaOf } from "./is-schema.ts";
import type { JsonSchema, OutputSchema } from "./standard-schema.ts";

/**
 * The JSON Schema of what a model must write so that `schema` accepts it.
 *
 * @throws VllmError CONFIG_INVALID when the schema cannot describe itself (zod before 4.2, a transform or a date without a JSON form).
 */
export function toJsonSchema(schema: OutputSchema): JsonSchema {
  const convert = (schema as OutputSchema | undefined)?.["~standard"]?.jsonSchema?.input;
  if (convert === undefined) {
    throw new VllmError({
      code: "CONFIG_INVALID",
      message: "The schema cannot describe itself as JSON Schema.",
      hint: 'Use zod 4.2 or newer (import { z } from "zod"), or another library with Standard JSON Schema; or send plain JSON Schema: response_format, or tools with parameters.',
    });
  }
  try {
    if (isJsonSchemaOf(schema)) return { ...(schema as unknown as JsonSchema) };
    const { $schema: _dialect, ...jsonSchema } = convert({ target: "draft-2020-12" });
    return jsonSchema;
  } catch (cause) {
    throw new VllmError({
      code: "CONFIG_INVALID",
      message: `The schema has no JSON Schema form: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "Use types that JSON has: a date as z.iso.datetime(), a map as z.record(). Check and convert the value after it arrived.",
      cause,
    });
  }
}
