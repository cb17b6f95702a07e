import { readFileSync } from "node:fs";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue } from "../config-file/json-value.ts";

/** `models.json` of CoderClaw's engine: CoderClaw writes it before every run, out of the configuration and what it discovers. */
export interface ModelsFile {
  path: string;
  providers: JsonObject;
}

/** Undefined where there is none that CoderClaw could read. */
export function readModelsFile(path: string): ModelsFile | undefined {
  try {
    return { path, providers: asObject(getValue(JSON.parse(readFileSync(path, "utf8")), ["providers"])) };
  } catch {
    return undefined;
  }
}
