import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { JsonObject, JsonValue, ValuePath } from "../config-file/json-value.ts";
import { openClawBudget } from "./host-model.ts";
import { getValue, isObject, isSameValue } from "../config-file/json-value.ts";

/** A field that was left as the user wrote it, although the server says otherwise. */
export interface KeptField {
  model: string;
  field: string;
  kept: unknown;
  found: unknown;
}

export interface MergedModel {
  edits: DocumentEdit[];
  kept: KeptField[];
}

/** What agents and their set-up commands put in when they know nothing: nobody chose these (agent/coderclaw/invented-windows). */
const HOST_GUESSES: Readonly<Record<string, readonly JsonValue[]>> = {
  contextWindow: [128_000, 200_000, 4096],
  maxTokens: [8192, 4096, 200_000],
  reasoning: [false],
  input: [["text"]],
  contextTokens: [],
};

/**
 * Brings a configured entry up to what was found. A value is replaced only when nobody chose it: it is missing, it is what this package
 * wrote the last time (`recorded`), or it is an agent's guess. Everything else is the user's and stays, unknown keys too.
 */
export function mergeModel(current: JsonObject, wanted: JsonObject, recorded: JsonObject, at: ValuePath): MergedModel {
  const edits: DocumentEdit[] = [];
  const kept: KeptField[] = [];
  const compatIsMissing = current["compat"] === undefined;
  // Every entry of ours has it: one without is the agent's, also where a wizard of the agent or an undo has replaced ours.
  const isOfAgent = compatIsMissing || Object.keys(recorded).length === 0;

  function consider(path: readonly string[], value: JsonValue): void {
    const written = getValue(current, path);
    if (isSameValue(written, value)) return;
    if (isReplaceable(path, written, recorded, isOfAgent)) edits.push({ path: [...at, ...path], value });
    else kept.push({ model: String(wanted["id"]), field: path.join("."), kept: written, found: value });
  }

  /** The user's own window stays, and what is written beside it fits into that. */
  function fitToWindow(key: string, found: JsonValue | undefined): JsonValue | undefined {
    const window = current["contextWindow"];
    const isKept = typeof window === "number" && !isReplaceable(["contextWindow"], window, recorded, isOfAgent);
    if (!isKept || typeof found !== "number") return found;
    if (key === "contextTokens") return Math.min(found, openClawBudget(window));
    return key === "maxTokens" ? Math.min(found, Math.max(1, Math.floor(window / 2))) : found;
  }

  for (const [key, found] of Object.entries(wanted)) {
    const value = fitToWindow(key, found);
    if (value === undefined || key === "id" || (key === "name" && current["name"] !== undefined)) continue;
    if (key === "cost" && current["cost"] !== undefined) continue;
    if (key !== "compat" || compatIsMissing) consider([key], value);
    else
      for (const [flag, setting] of Object.entries(value as JsonObject))
        consider(["compat", flag], setting as JsonValue);
  }
  return { edits, kept };
}

function isReplaceable(path: readonly string[], written: unknown, recorded: JsonObject, isOfAgent: boolean): boolean {
  if (written === undefined) return true;
  if (isSameValue(written, getValue(recorded, path))) return true;
  const [key] = path;
  const guesses = path.length === 1 && key !== undefined ? HOST_GUESSES[key] : undefined;
  return isOfAgent && (guesses ?? []).some((guess) => isSameValue(written, guess));
}

/** The model list of a provider's settings; entries that are no objects are passed over by position. */
export function modelsOf(provider: unknown): readonly unknown[] {
  const models = isObject(provider) ? provider["models"] : undefined;
  return Array.isArray(models) ? models : [];
}
