import { isJson } from "../../json/is-json.ts";
import { toWellFormed } from "./to-well-formed.ts";

/** The key under which the model finds what it wrote when that was not a JSON object. */
export const INVALID_ARGUMENTS_KEY = "invalid_json";

/**
 * The arguments of an earlier call, fit to be sent: a JSON object as text. vLLM up to 0.28 answers 400 to anything else, and
 * 0.32 puts `{}` in its place; here the model's own text stays where the model sees it.
 */
export function repairArguments(value: unknown): { text: string; isBroken: boolean } {
  if (value === undefined || value === null) return { text: "{}", isBroken: false };
  if (typeof value !== "string") return repairArguments(JSON.stringify(value));
  if (value.trim() === "") return { text: "{}", isBroken: false };
  if (isObject(value)) return { text: toWellFormed(value), isBroken: false };
  return { text: JSON.stringify({ [INVALID_ARGUMENTS_KEY]: toWellFormed(value) }), isBroken: true };
}

/** Only what begins as an object is parsed: a megabyte of `[` takes 35 ms to refuse otherwise. */
function isObject(text: string): boolean {
  return /^\s*\{/.test(text) && isJson(text);
}
