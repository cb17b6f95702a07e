import type { Tool } from "./tool.ts";

/** A tool as a member of the request's `tools`. */
export interface ToolDefinition {
  type: "function";
  function: { name: string; description: string; parameters: Record<string, unknown> };
}

/** A tool → what the request says about it (OpenAI's function form, JSON schema). */
export function toToolDefinition(tool: Tool): ToolDefinition {
  const entries = Object.entries(tool.parameters);
  return {
    type: "function",
    function: {
      name: tool.name,
      description: tool.description,
      parameters: {
        type: "object",
        properties: Object.fromEntries(
          entries.map(([name, { type, description }]) => [name, { type, description }] as const),
        ),
        required: entries.filter(([, parameter]) => parameter.isOptional !== true).map(([name]) => name),
        additionalProperties: false,
      },
    },
  };
}
