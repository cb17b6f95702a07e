/** One problem that a schema found, by the Standard Schema specification (https://standardschema.dev). */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema says about a value, by the Standard Schema specification. */
type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * A schema that can validate a value and describe itself as JSON Schema: Standard Schema with Standard JSON Schema
 * (https://standardschema.dev). Zod has both from 4.2 on, so `z.object({ ... })` fits as it is; so do other libraries of
 * the standard. No schema library is imported here: the schema brings its own.
 */
export interface OutputSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

/** A JSON Schema object, as vLLM takes it in `parameters` and `response_format`. */
export type JsonSchema = Readonly<Record<string, unknown>>;
