import type { JsonSchema, OutputSchema } from "./standard-schema.ts";

/** A JSON Schema in the form of a library's schema. It describes, and accepts everything: no validator comes with the client. */
export function fromJsonSchema(jsonSchema: JsonSchema): OutputSchema<Record<string, unknown>> {
  return {
    "~standard": {
      version: 1,
      vendor: "json-schema",
      validate: (value) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: () => ({ ...jsonSchema }) },
    },
  };
}
