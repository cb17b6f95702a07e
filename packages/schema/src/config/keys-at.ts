import { z } from "zod";
import type { ConfigPath } from "./config-path.ts";

/** The schema of the value at a path, looking through optional, records and lists; undefined where there is none. */
function schemaAt(root: z.ZodType, path: ConfigPath): z.ZodType | undefined {
  let schema: z.ZodType | undefined = unwrap(root);
  for (const part of path) {
    if (schema instanceof z.ZodObject) schema = (schema.shape as Record<string, z.ZodType | undefined>)[part];
    else if (schema instanceof z.ZodRecord) schema = schema.valueType as z.ZodType;
    else if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
    else return undefined;
    if (schema === undefined) return undefined;
    schema = unwrap(schema);
  }
  return schema;
}

/** The keys that an object at a path may have; empty where it is not an object with fixed keys. */
export function keysAt(root: z.ZodType, path: ConfigPath): string[] {
  const schema = schemaAt(root, path);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}
