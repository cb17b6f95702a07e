import { readFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGE_NAME = "@vllm/coderclaw-adapter";

/** The version in this package's package.json: one or two folders up, as this runs from src, from dist, or from a folder in it. */
export async function ownVersion(): Promise<string> {
  for (const up of ["..", "../.."]) {
    const text = await readFile(join(import.meta.dirname, up, "package.json"), "utf8").catch(() => "{}");
    const { name, version } = JSON.parse(text) as { name?: string; version?: string };
    if (name === PACKAGE_NAME && version !== undefined) return version;
  }
  return "0.0.0";
}
