import { dirname, isAbsolute, relative, resolve } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import type { JsonObject, JsonValue, ValuePath } from "./json-value.ts";
import { getValue, isObject } from "./json-value.ts";
import { followLinks } from "./read-bytes.ts";
import { readConfigFile } from "./read-config-file.ts";

const MAX_DEPTH = 10;

export interface ResolvedIncludes {
  value: JsonObject;
  /** Every file that was included. */
  files: readonly string[];
}

/**
 * Puts in what `$include` names, by the agents' rules (agent/coderclaw/include-merge): relative to the file that names it, inside the root
 * file's folder, at most 10 deep, no circles; objects are merged, lists are joined, other values beside the `$include` win.
 *
 * @throws {ConfigError} when a rule is broken or a file cannot be read.
 */
export async function resolveIncludes(value: JsonObject, path: string): Promise<ResolvedIncludes> {
  const files: string[] = [];
  const rootDirectory = dirname(await followLinks(path));
  const resolved = await walk(value, { file: await followLinks(path), rootDirectory, chain: [], files });
  return { value: resolved as JsonObject, files };
}

/**
 * The included file that already defines the value at `path`, if there is one. Writing it into the root file as well would make the agent
 * join both lists, every model twice (agent/coderclaw/include-doubles-models).
 */
export async function findIncludeOf(value: JsonObject, path: ValuePath, file: string): Promise<string | undefined> {
  for (let depth = 0; depth <= path.length; depth += 1) {
    const level = getValue(value, path.slice(0, depth));
    if (!isObject(level) || level["$include"] === undefined) continue;
    const included = await resolveIncludes({ $include: level["$include"] }, file);
    if (getValue(included.value, path.slice(depth)) !== undefined) return included.files[0];
  }
  return undefined;
}

interface Position {
  file: string;
  rootDirectory: string;
  chain: readonly string[];
  files: string[];
}

async function walk(value: JsonValue, position: Position): Promise<JsonValue> {
  if (Array.isArray(value)) return Promise.all(value.map((item: JsonValue) => walk(item, position)));
  if (!isObject(value)) return value;
  const { $include, ...siblings } = value;
  const own: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(siblings))
    if (item !== undefined) own.push([key, await walk(item, position)]);
  const others = Object.fromEntries(own);
  if ($include === undefined) return others;
  let merged: JsonValue = {};
  for (const name of includeNames($include, position)) merged = merge(merged, await load(name, position));
  return own.length === 0 ? merged : merge(merged, others);
}

function includeNames($include: JsonValue, position: Position): string[] {
  const names = Array.isArray($include) ? ($include as readonly JsonValue[]) : [$include];
  if (names.every((name) => typeof name === "string")) return names as string[];
  throw includeError(
    `An $include in ${position.file} is neither a file name nor a list of file names.`,
    `Write it as "./models.json5" or ["./a.json5", "./b.json5"].`,
  );
}

async function load(name: string, { file, rootDirectory, chain, files }: Position): Promise<JsonValue> {
  const path = await followLinks(resolve(dirname(file), name));
  const inside = relative(rootDirectory, path);
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw includeError(
      `$include of ${JSON.stringify(name)} in ${file} leaves the folder of the configuration (${rootDirectory}).`,
      "Move the file into that folder.",
    );
  }
  if (path === file || chain.includes(path)) {
    throw includeError(`$include goes in a circle: ${[...chain, file, path].join(" → ")}.`, "Remove one of them.");
  }
  if (chain.length >= MAX_DEPTH) {
    throw includeError(`$include is more than ${MAX_DEPTH} levels deep at ${path}.`, "Include fewer levels.");
  }
  const included = await readConfigFile(path);
  if (!included.exists) {
    throw includeError(`${path}, which ${file} includes, does not exist.`, "Create it, or correct the $include.");
  }
  files.push(path);
  return walk(included.value, { file: path, rootDirectory, chain: [...chain, file], files });
}

function merge(base: JsonValue, over: JsonValue): JsonValue {
  if (Array.isArray(base) && Array.isArray(over)) return [...(base as JsonValue[]), ...(over as JsonValue[])];
  if (!isObject(base) || !isObject(over)) return over;
  const merged = new Map(Object.entries(base));
  for (const [key, item] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, below === undefined || item === undefined ? item : merge(below, item));
  }
  return Object.fromEntries(merged);
}

function includeError(message: string, hint: string): ConfigError {
  return new ConfigError({
    message,
    hint,
    issues: [
      { path: "$include", received: "an include that the agent refuses", accepted: "a file beside it", fix: hint },
    ],
  });
}
