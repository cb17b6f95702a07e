/** Anything a configuration file can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of a configuration file. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Keys and array positions from the root to a value: `["models", "providers", "vllm", "models", 0]`. */
export type ValuePath = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object as it is, anything else as an empty one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value at `path`; undefined where the way there is missing. */
export function getValue(root: unknown, path: ValuePath): unknown {
  let current = root;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** Equal as JSON: the order of keys does not matter, and a key with `undefined` is the same as none. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSameValue(item, b[index]));
  if (!isObject(a) || !isObject(b)) return Number.isNaN(a) && Number.isNaN(b);
  const keys = new Set([...definedKeys(a), ...definedKeys(b)]);
  return [...keys].every((key) => Object.hasOwn(a, key) && Object.hasOwn(b, key) && isSameValue(a[key], b[key]));
}

function definedKeys(value: JsonObject): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}
