import type { CallReader } from "./call-reader.ts";
import { readCallList } from "./call-object.ts";

/** After `<|tool_call|>` (3.0) or `<tool_call>` (3.1): `[{"name": …, "arguments": {…}}]`. Source: vLLM 0.32.0 `parser/granite.py`. */
export const readGranite: CallReader = function* (source, tools) {
  const calls = yield* readCallList(source, tools);
  for (const { name, argumentsText } of calls ?? []) yield { name, argumentsText, format: "granite" };
  return calls !== undefined;
};
