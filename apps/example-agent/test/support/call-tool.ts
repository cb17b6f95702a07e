import { validateToolCall } from "@vllm/client";
import { toRunnableTool } from "../../src/tools/to-runnable-tool.ts";
import type { Tool, ToolContext } from "../../src/tools/tool.ts";

/** Calls a tool as a run does: its arguments are checked, and what goes wrong is an answer. */
export async function callTool(
  tool: Tool | undefined,
  given: Record<string, unknown>,
  { signal, maxChars }: ToolContext,
): Promise<{ output: string; isError: boolean }> {
  if (tool === undefined) throw new TypeError("There is no such tool.");
  const runnable = toRunnableTool(tool, maxChars);
  const checked = await validateToolCall(runnable, { name: tool.name, arguments: given });
  if (!checked.ok) return { output: checked.message, isError: true };
  try {
    return { output: String(await runnable.execute(checked.arguments, { signal, toolCallId: "1" })), isError: false };
  } catch (error) {
    return { output: error instanceof Error ? error.message : String(error), isError: true };
  }
}
