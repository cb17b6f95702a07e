import type { CallReader } from "./call-reader.ts";
import { readGlm } from "./glm.ts";
import { readGranite } from "./granite.ts";
import { readHermes } from "./hermes.ts";
import { readQwenXml } from "./qwen-xml.ts";

const readHermesCall = readHermes("</tool_call>");

/** After `<tool_call>`, which four families write: what comes next tells which one. */
export const readToolCallTag: CallReader = function* (source, tools) {
  yield* source.blanks();
  const next = yield* source.peek();
  if (next === "{") return yield* readHermesCall(source, tools);
  if (next === "[") return yield* readGranite(source, tools);
  if (next === "<") return yield* readQwenXml(source, tools);
  return yield* readGlm(source, tools);
};
