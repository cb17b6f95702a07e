import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { JsonObject, JsonValue, ValuePath } from "../config-file/json-value.ts";
import { asObject } from "../config-file/json-value.ts";

/** The same edits on a configuration that is already an object, as the agents hand it out. The given object is not changed. */
export function applyEdits<Config extends object>(config: Config, edits: readonly DocumentEdit[]): Config {
  return edits.reduce<JsonValue>(
    (current, edit) => put(current, edit.path, edit.value),
    config as JsonObject,
  ) as Config;
}

function put(current: JsonValue | undefined, [step, ...rest]: ValuePath, value: JsonValue): JsonValue {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const items: JsonValue[] = Array.isArray(current) ? [...(current as readonly JsonValue[])] : [];
    items[step] = put(items[step], rest, value);
    return items;
  }
  const members = asObject(current);
  return { ...members, [step]: put(members[step], rest, value) };
}
