import type { Reading, TextSource } from "../text-source.ts";
import type { ToolIndex } from "../tool-index.ts";

/**
 * Reads calls after their opening marker. It yields each call when it is closed, and returns false when what comes is no
 * call: everything since the last one is then text.
 */
export type CallReader = (source: TextSource, tools: ToolIndex) => Reading<boolean>;

/** Consumes the name of a tool of the request, the longest that fits; undefined when none comes. */
export function readToolName(source: TextSource, tools: ToolIndex): Reading<string | undefined> {
  return source.oneOf(tools.names);
}
