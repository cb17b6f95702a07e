import { defineTool, type OutputSchema, type RunnableTool } from "@vllm/client";
import { limitText } from "./limit-text.ts";
import { readArguments } from "./read-arguments.ts";
import type { Tool, ToolValues } from "./tool.ts";
import { ToolError } from "./tool.ts";

/**
 * A tool for `runTools`: its arguments are checked, its result is cut to `maxChars` characters. What it refuses is an answer for the
 * model; of a failure of this machine the model learns the code alone.
 */
export function toRunnableTool(tool: Tool, maxChars: number): RunnableTool<ToolValues> {
  const { name, description } = tool;
  return defineTool({
    name,
    description,
    parameters: toSchema(tool),
    async execute(values, { signal }) {
      try {
        return limitText(await tool.run(values, { signal, maxChars }), maxChars);
      } catch (error) {
        if (error instanceof ToolError) throw error;
        const code = error instanceof Error && "code" in error ? String(error.code) : "for a reason of its own";
        throw new ToolError(code, { cause: error });
      }
    },
  });
}

/** The tool's parameters as a schema, by the Standard Schema specification. */
function toSchema(tool: Tool): OutputSchema<ToolValues> {
  const entries = Object.entries(tool.parameters);
  const jsonSchema = {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, { type, description }]) => [name, { type, description }] as const),
    ),
    required: entries.filter(([, parameter]) => parameter.isOptional !== true).map(([name]) => name),
    additionalProperties: false,
  };
  return {
    "~standard": {
      version: 1,
      vendor: "example-agent",
      validate(given) {
        try {
          return { value: readArguments(tool, given) };
        } catch (error) {
          return { issues: [{ message: error instanceof Error ? error.message : String(error) }] };
        }
      },
      jsonSchema: { input: () => jsonSchema },
    },
  };
}
