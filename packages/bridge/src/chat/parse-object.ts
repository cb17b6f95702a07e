import { isRecord, parseJson } from "@vllm/schema/internal";

/** A text as a JSON object; undefined when it is none. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return isRecord(value) ? value : undefined;
}
