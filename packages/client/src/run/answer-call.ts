import { isRecord } from "@vllm/schema/internal";
import { validateToolCall, type RunnableTool, type ToolOutput } from "../schemas/index.ts";
import type { ParsedToolCall } from "../stream/tool-call.ts";
import type { ToolResultEvent } from "./run-events.ts";

/** How much of an error's text the model gets, in characters. */
const MOST_ERROR_TEXT = 2000;

/**
 * Runs one call, or says why not: there is no such tool, the call is broken, its arguments do not fit. Never rejects: what a tool
 * throws is an answer for the model.
 */
export async function answerCall(
  call: ParsedToolCall,
  tools: readonly RunnableTool[],
  signal: AbortSignal,
): Promise<ToolResultEvent> {
  const { id, name } = call;
  const tool = tools.find((each) => each.function.name === name);
  if (tool === undefined) return refuse(call, noSuchTool(name, tools));
  try {
    const checked = await validateToolCall(tool, call);
    if (!checked.ok) return refuse(call, checked.message);
    const output = toOutput(await tool.execute(checked.arguments, { signal, toolCallId: id }));
    return { type: "tool_result", toolCallId: id, name, output, isError: false };
  } catch (error) {
    return { ...refuse(call, `${name} failed: ${textOf(error)}`), error };
  }
}

/** The answer to a call that is not run. */
export function refuse({ id, name }: ParsedToolCall, output: string): ToolResultEvent {
  return { type: "tool_result", toolCallId: id, name, output, isError: true };
}

/** Programs without types return other values too: the model gets their JSON. */
function toOutput(value: unknown): ToolOutput {
  if (typeof value === "string" || isParts(value)) return value;
  return JSON.stringify(value) ?? "";
}

function isParts(value: unknown): value is Extract<ToolOutput, unknown[]> {
  return Array.isArray(value) && value.length > 0 && value.every(isPart);
}

function isPart(value: unknown): boolean {
  return isRecord(value) && (value["type"] === "text" || value["type"] === "image_url");
}

function noSuchTool(name: string, tools: readonly RunnableTool[]): string {
  const names = tools.map((tool) => tool.function.name).join(", ");
  return `Unknown tool ${JSON.stringify(name.slice(0, 80))}. Available tools: ${names}.`;
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, MOST_ERROR_TEXT);
}
