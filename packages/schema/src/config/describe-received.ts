import { variableReference } from "../text/substitute-variables.ts";
import type { ConfigPath } from "./config-path.ts";

/**
 * What a person wrote, fit to be shown: the kind of value, and the value itself only where it cannot be a secret.
 *
 * @param mayShow true where one of few words is expected
 */
export function describeReceived(value: unknown, path: ConfigPath, mayShow: boolean): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty string";
  const isSecret = path[0] === "env" || path.some((part) => part === "apiKey" || part === "headers");
  if (typeof value === "string") return mayShow && !isSecret && isPlainWord(value) ? JSON.stringify(value) : "a string";
  if (typeof value === "number") return isSecret ? "a number" : `a number (${value})`;
  if (typeof value === "boolean") return `${value}`;
  return Array.isArray(value) ? "a list" : "an object";
}

function isPlainWord(text: string): boolean {
  if (variableReference(text) !== undefined) return true;
  return /^[a-z][a-z0-9_-]{0,23}$/i.test(text) && !/^(sk|pk|hf|gsk|nvapi|ghp|key|token)[-_]/i.test(text);
}
