import { formatConfigPath, substituteVariables } from "@vllm/schema/internal";
import type { JsonValue, ValuePath } from "../config-file/json-value.ts";
import { isObject } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";

/** The variables that `${NAME}` names anywhere in a value and that are unset or empty: for one of them the agent drops all of it. */
export function missingVariables(value: JsonValue | undefined, env: Environment): string[] {
  return [...variablePlaces(value).keys()].filter((name) => (env[name] ?? "") === "");
}

/** Where `${NAME}` stands in a value, by name: `models.providers.vllm.apiKey`. */
export function variablePlaces(value: JsonValue | undefined): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const visit = (item: unknown, path: ValuePath): void => {
    if (typeof item === "string") {
      const names = new Set<string>();
      substituteText(item, {}, (name) => names.add(name));
      for (const name of names) places.set(name, [...(places.get(name) ?? []), formatConfigPath(path)]);
    } else if (Array.isArray(item)) item.forEach((each, index) => visit(each, [...path, index]));
    else if (isObject(item)) for (const [key, each] of Object.entries(item)) visit(each, [...path, key]);
  };
  visit(value, []);
  return places;
}

/** `${NAME}` → its value in the agent's environment. */
export function substituteText(text: string, env: Environment, onMissing?: (name: string) => void): string {
  return substituteVariables(text, (name) => env[name], onMissing);
}
