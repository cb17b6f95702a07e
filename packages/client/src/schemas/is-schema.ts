/**
 * True for a schema of zod or of another library of the Standard Schema specification, where JSON belongs: it would be sent with all
 * its inner fields. The output of `z.toJSONSchema` is a JSON Schema, which only carries its schema along, out of sight of
 * `JSON.stringify`.
 */
export function isSchema(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return "~standard" in value && !isJsonSchemaOf(value);
}

/** True for the output of `z.toJSONSchema`: plain JSON, and the schema that it was made of. */
export function isJsonSchemaOf(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain && Object.getOwnPropertyDescriptor(value, "~standard")?.enumerable === false;
}
