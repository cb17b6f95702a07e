import { limitText } from "./limit-text.ts";
import { readArguments } from "./read-arguments.ts";
import type { Tool, ToolContext } from "./tool.ts";
import { ToolError } from "./tool.ts";

/** What goes back to the model, and to the person. */
export interface ToolOutcome {
  output: string;
  isError: boolean;
}

/** A call whose arguments parsed. */
export interface ToolRequest {
  name: string;
  arguments: unknown;
}

/** Runs one call. A tool's failure is an answer for the model; only the person's stop (`signal`) is thrown. */
export async function runToolCall(
  request: ToolRequest,
  tools: readonly Tool[],
  context: ToolContext,
): Promise<ToolOutcome> {
  const tool = tools.find(({ name }) => name === request.name);
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(", ");
    return {
      output: `There is no tool ${JSON.stringify(request.name.slice(0, 80))}. The tools are: ${names}.`,
      isError: true,
    };
  }
  try {
    const output = await tool.run(readArguments(tool, request.arguments), context);
    return { output: limitText(output, context.maxChars), isError: false };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ToolError) return { output: error.message, isError: true };
    const code = (error as NodeJS.ErrnoException).code;
    return { output: `${tool.name} failed${code === undefined ? "" : ` (${code})`}.`, isError: true };
  }
}
