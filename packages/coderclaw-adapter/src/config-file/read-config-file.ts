import JSON5 from "json5";
import { backupPath } from "./backups.ts";
import { fileError } from "./file-error.ts";
import type { JsonObject } from "./json-value.ts";
import { isObject } from "./json-value.ts";
import { followLinks, hashOf, pathExists, readBytes } from "./read-bytes.ts";

/** A configuration file as it is on disk: nothing substituted, nothing included, no defaults. */
export interface ConfigFile {
  /** The path that was asked for; backups are named after it. */
  path: string;
  /** The file behind the symbolic links: this is what a write replaces. */
  realPath: string;
  exists: boolean;
  /** Its text, byte order mark included; `""` when it does not exist. */
  text: string;
  /** SHA-256 of its bytes; undefined when it does not exist. */
  hash: string | undefined;
  /** What it says; `{}` when it does not exist. */
  value: JsonObject;
}

/**
 * Reads a JSON5 configuration file. A missing file is an empty configuration, as for the agents.
 *
 * @throws {ConfigError} when it cannot be read, is not UTF-8, not JSON5 or not an object. Nothing is repaired.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const realPath = await followLinks(path);
  const bytes = await readBytes(realPath);
  if (bytes === undefined) return { path, realPath, exists: false, text: "", hash: undefined, value: {} };
  const text = decode(bytes, path);
  const hasBackup = await pathExists(backupPath(path));
  return { path, realPath, exists: true, text, hash: hashOf(bytes), value: parseDocument(text, path, hasBackup) };
}

/** White space and comments only; a block comment without an end is content. */
function isWithoutContent(text: string): boolean {
  const left = text.replace(/\/\*[\s\S]*?(\*\/|$)|\/\/[^\n\r]*/g, (comment, end?: string) =>
    end === "" ? comment : "",
  );
  return left.trim() === "";
}

/**
 * @param hasBackup Whether `undo` could bring another content back.
 * @throws {ConfigError} with line and column when the text is not a JSON5 object.
 */
export function parseDocument(text: string, path: string, hasBackup = false): JsonObject {
  let value: unknown;
  try {
    value = JSON5.parse(text);
  } catch (cause) {
    const { lineNumber: line, columnNumber: column } = cause as { lineNumber?: number; columnNumber?: number };
    const where = line === undefined ? "" : ` (line ${line}, column ${column}): ${explainFault(cause)}`;
    const isEmpty = isWithoutContent(text);
    const undo = hasBackup ? ", or bring the content before it back: npx @vllm/connect undo" : "";
    throw fileError({
      message: `${path} is not valid JSON5${isEmpty ? ": it is empty" : where}.`,
      hint: isEmpty ? `Put {} into it, or delete it${undo}.` : `Correct it there${undo}. Nothing was written.`,
      received: isEmpty ? "an empty file" : "text that cannot be parsed",
      accepted: "a JSON5 object",
      line,
      column,
    });
  }
  if (isDeeper(value, MOST_LEVELS)) {
    throw fileError({
      message: `${path} is nested deeper than ${MOST_LEVELS} levels.`,
      hint: "Check that it is the configuration: something else may have been written into it. Nothing was written.",
      received: "a very deep value",
      accepted: `at most ${MOST_LEVELS} levels`,
    });
  }
  if (isObject(value)) return value;
  throw fileError({
    message: `${path} does not hold an object.`,
    hint: "An agent's configuration is one object: { … }; nothing was written.",
    received: Array.isArray(value) ? "a list" : "a plain value",
    accepted: "an object",
  });
}

/** What JSON5 stopped at. A character is shown, never the text around it, which may be a secret. */
function explainFault(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : "";
  if (said.includes("end of input")) return "it ends too early, so a bracket or a quote is not closed";
  const [, character] = /invalid character '(.{1,8})' at/.exec(said) ?? [];
  return character === undefined
    ? "it cannot be read from there"
    : `${JSON.stringify(character)} cannot stand there; a comma or a quote may be missing before it`;
}

/** Deeper than any configuration, and not too deep for whoever walks through it. */
const MOST_LEVELS = 200;

function isDeeper(root: unknown, levels: number): boolean {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fileError({
      message: `${path} is not UTF-8 text.`,
      hint: "Save it as UTF-8; nothing was written.",
      received: "other bytes",
      accepted: "UTF-8",
      cause,
    });
  }
}
